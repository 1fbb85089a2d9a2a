using AltClip.Imaging;

namespace AltClip.Cli;

/// <summary>Pictures as they are named on the command line.</summary>
internal static class PictureFile
{
    public static string Description => $"{ImageFormats.Names}.";

    /// <summary>A picture's full path.</summary>
    /// <exception cref="FileNotFoundException">It is missing.</exception>
    /// <exception cref="IOException">It is a folder.</exception>
    public static string Find(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder; expected a picture file.");
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no picture {path}.", path);
        return Path.GetFullPath(path);
    }
}
