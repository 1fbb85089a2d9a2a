using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AltClip.Tests;

namespace AltClip.Docs.Tests;

/// <summary>The repository that the tests were built from.</summary>
internal static partial class Repository
{
    private static readonly string[] Built = ["bin", "obj", "artifacts", "node_modules"];

    public static string Folder { get; } = System.IO.Path.GetFullPath(TestData.Path("..", ".."));

    /// <summary>The version of the packages that pages are about, released or not: the newest of the changelog.</summary>
    public static string Version { get; } = Newest().Match(File.ReadAllText(Path("CHANGELOG.md"))).Groups["version"].Value;

    /// <summary>The libraries that packages are made of; the tool is none.</summary>
    public static IReadOnlyList<string> Libraries { get; } =
        [.. new DirectoryInfo(Path("src")).EnumerateDirectories().Where(folder => File.Exists(Path(folder.FullName, "PublicAPI.Shipped.txt")))
            .Select(folder => folder.Name).Order(StringComparer.Ordinal)];

    /// <summary>The public types of the libraries.</summary>
    public static IReadOnlyList<Type> PublicTypes { get; } = [.. Libraries.SelectMany(library => Assembly.Load(library).GetExportedTypes())];

    public static string Path(params string[] parts) => System.IO.Path.Combine([Folder, .. parts]);

    /// <summary>Files that end so, those that were built and the tests' own data left out; with / between folders.</summary>
    public static IEnumerable<string> Files(string extension) => Directory.EnumerateFiles(Folder, "*" + extension, SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Folder, file).Replace('\\', '/'))
        .Where(file => !file.Split('/').Any(part => part.StartsWith('.') || Built.Contains(part)) && !file.StartsWith("tests/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    /// <summary>The version of a package that is made here or that something here references; null for others.</summary>
    public static string? VersionOf(string package) => Directory.Exists(Path("src", package))
        ? Version
        : XDocument.Load(Path("Directory.Packages.props")).Descendants("PackageVersion")
            .SingleOrDefault(version => (string?)version.Attribute("Include") == package)?.Attribute("Version")!.Value;

    [GeneratedRegex(@"^## (?<version>\d+\.\d+\.\d+)", RegexOptions.Multiline)]
    private static partial Regex Newest();
}
