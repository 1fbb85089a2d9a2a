namespace AltClip.Tests;

/// <summary>The repository that the tests were built from.</summary>
internal static partial class Repository
{
    private static readonly string[] Built = ["bin", "obj", "artifacts", "node_modules"];

    public static string Folder { get; } = System.IO.Path.GetFullPath(TestData.Path("..", ".."));

    public static string Path(params string[] parts) => System.IO.Path.Combine([Folder, .. parts]);

    /// <summary>Files that end so, those that were built and the tests' own data left out; with / between folders.</summary>
    public static IEnumerable<string> Files(string extension) => Directory.EnumerateFiles(Folder, "*" + extension, SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Folder, file).Replace('\\', '/'))
        .Where(file => !file.Split('/').Any(part => part.StartsWith('.') || Built.Contains(part)) && !file.StartsWith("tests/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);
}
