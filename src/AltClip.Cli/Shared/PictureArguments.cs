using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>PICTURE…</c></summary>
internal sealed class PictureArguments : Argument<string[]>
{
    public PictureArguments() : base("PICTURE")
    {
        Description = "Picture files (JPEG, PNG, GIF, WebP, BMP).";
        Arity = ArgumentArity.OneOrMore;
    }

    /// <summary>The pictures' full paths.</summary>
    /// <exception cref="FileNotFoundException">One is missing.</exception>
    /// <exception cref="IOException">One is a folder.</exception>
    public string[] Files(ParseResult parsed) => [.. parsed.GetRequiredValue(this).Select(Checked)];

    private static string Checked(string path)
    {
        if (Directory.Exists(path)) throw new IOException($"{path} is a folder; expected a picture file.");
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no picture {path}.", path);
        return Path.GetFullPath(path);
    }
}
