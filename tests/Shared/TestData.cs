namespace AltClip.Tests;

/// <summary>The reference data in the repository.</summary>
internal static class TestData
{
    public static string Folder { get; } = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Folder, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "AltClip.sln")))
                return System.IO.Path.Combine(folder.FullName, "tests", "data");
        }

        throw new DirectoryNotFoundException($"There is no AltClip.sln above '{AppContext.BaseDirectory}'.");
    }
}
