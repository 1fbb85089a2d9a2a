using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace AltClip.Tests;

/// <summary>The packages that the repository makes.</summary>
internal static partial class Repository
{
    /// <summary>The version of the packages that pages are about, released or not: the newest of the changelog.</summary>
    public static string Version => field ??= Newest().Match(File.ReadAllText(Path("CHANGELOG.md"))).Groups["version"].Value;

    /// <summary>The libraries that packages are made of; the tool is none.</summary>
    public static IReadOnlyList<string> Libraries => field ??=
        [.. new DirectoryInfo(Path("src")).EnumerateDirectories().Where(folder => File.Exists(Path(folder.FullName, "PublicAPI.Shipped.txt")))
            .Select(folder => folder.Name).Order(StringComparer.Ordinal)];

    /// <summary>The public types of the libraries.</summary>
    public static IReadOnlyList<Type> PublicTypes => field ??= [.. Libraries.SelectMany(library => Assembly.Load(library).GetExportedTypes())];

    /// <summary>The version of a package that is made here or that something here references; null for others.</summary>
    public static string? VersionOf(string package) => Directory.Exists(Path("src", package))
        ? Version
        : XDocument.Load(Path("Directory.Packages.props")).Descendants("PackageVersion")
            .SingleOrDefault(version => (string?)version.Attribute("Include") == package)?.Attribute("Version")!.Value;

    [GeneratedRegex(@"^## (?<version>\d+\.\d+\.\d+)", RegexOptions.Multiline)]
    private static partial Regex Newest();
}
