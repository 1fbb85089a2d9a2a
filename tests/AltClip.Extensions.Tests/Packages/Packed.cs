using System.IO.Compression;
using System.Reflection;
using AltClip.Tests;

namespace AltClip.Extensions.Tests;

/// <summary>The libraries' packages, made of what is built, in a folder that goes away.</summary>
public sealed class Packed : IDisposable
{
    public static readonly string[] Names =
        ["AltClip", "AltClip.Extensions", "AltClip.ImageSharp", "AltClip.Imaging.Magick", "AltClip.Models.Emoji", "AltClip.Onnx", "AltClip.Search", "AltClip.Search.DuckDB", "AltClip.Search.Extensions", "AltClip.Search.Postgres", "AltClip.Training"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("altclip-");

    public Packed()
    {
        var configuration = typeof(Packed).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        foreach (var name in Names) Dotnet.Run(Repository, "pack", Path.Combine("src", name), "--no-build", "-c", configuration, "-o", Feed);
    }

    public static string Repository { get; } = Path.GetFullPath(TestData.Path("..", ".."));

    /// <summary>A package source with the packages and nothing else.</summary>
    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>A new folder.</summary>
    public string Folder(string name) => _folder.CreateSubdirectory(name).FullName;

    /// <summary>The version of what was packed.</summary>
    public string Version => Path.GetFileNameWithoutExtension(PathOf("AltClip.Extensions", "nupkg"))["AltClip.Extensions.".Length..];

    /// <summary>The names of a package's files with their contents.</summary>
    public Dictionary<string, string> Read(string name, string extension)
    {
        using var archive = ZipFile.OpenRead(PathOf(name, extension));
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd();
        });
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(string name, string extension) => Directory.GetFiles(Feed, $"{name}.{extension}").Concat(
        Directory.GetFiles(Feed, $"{name}.*.{extension}").Where(file => char.IsDigit(Path.GetFileName(file)[name.Length + 1]))).Single();
}
