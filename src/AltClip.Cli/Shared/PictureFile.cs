using AltClip.Imaging;

namespace AltClip.Cli;

/// <summary>Pictures as they are named on the command line.</summary>
internal static class PictureFile
{
    /// <summary>What names standard input.</summary>
    public const string StandardInput = "-";

    public static string Description => $"{ImageFormats.Names}.";

    /// <summary>A picture's full path.</summary>
    /// <exception cref="FileNotFoundException">It is missing.</exception>
    /// <exception cref="IOException">It is a folder.</exception>
    public static string Find(string name)
    {
        var path = PathOf(name);
        if (Directory.Exists(path)) throw new IOException($"{name} is a folder; expected a picture file.");
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no picture {name}.", path);
        return Path.GetFullPath(path);
    }

    /// <summary>Whether something to look at is named: a file or folder that is there, an address, or standard input.</summary>
    public static bool IsThere(string name) => !IsFile(name) || Path.Exists(PathOf(name));

    /// <summary>Whether a name is a file's, and not an address or standard input.</summary>
    public static bool IsFile(string name) => name != StandardInput && !ImageDownload.IsUrl(name);

    /// <summary>A name for what is made of a picture: its file's, without the extension.</summary>
    public static string PlainName(string name) => name == StandardInput ? "picture"
        : Path.GetFileNameWithoutExtension(ImageDownload.IsUrl(name) ? new Uri(name).AbsolutePath : PathOf(name)) is { Length: > 0 } plain ? plain : "picture";

    // As file managers and browsers name files.
    private static string PathOf(string name) =>
        name.StartsWith("file://", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(name, UriKind.Absolute, out var address) ? address.LocalPath : name;

    /// <summary>Refuses the name of a file that isn't there.</summary>
    /// <exception cref="FileNotFoundException">It is missing.</exception>
    /// <exception cref="IOException">It is a folder.</exception>
    public static void RefuseMissing(string name)
    {
        if (IsFile(name)) Find(name);
    }

    /// <summary>A picture of a file, of the web, or of standard input (<c>-</c>).</summary>
    /// <exception cref="FileNotFoundException">It is missing.</exception>
    /// <exception cref="IOException">It is a folder, or can't be downloaded or read.</exception>
    public static async Task<ImageSource> OpenAsync(CliConsole console, string name, CancellationToken cancellationToken)
    {
        if (ImageDownload.IsUrl(name)) return await ImageDownload.GetAsync(new Uri(name), cancellationToken: cancellationToken);
        if (name != StandardInput) return ImageSource.FromFile(Find(name));
        using var input = console.In();
        return ImageSource.FromStream(input, "standard input");
    }
}
