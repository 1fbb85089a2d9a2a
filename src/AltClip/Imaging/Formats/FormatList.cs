namespace AltClip.Imaging.Formats;

/// <summary>The formats there are at a time, and what is derived of them.</summary>
internal sealed class FormatList
{
    public FormatList(IImageFormat[] formats)
    {
        Formats = formats;
        Extensions = Array.AsReadOnly<string>([.. formats.SelectMany(format => format.Extensions).Select(name => name.ToLowerInvariant()).Distinct()]);
        Names = $"{string.Join(", ", formats[..^1].Select(format => format.Name))} or {formats[^1].Name}";
    }

    /// <summary>The formats, in the order in which a file is shown to them.</summary>
    public IImageFormat[] Formats { get; }

    /// <summary>Their extensions, in lower case and each with its dot.</summary>
    public IReadOnlyList<string> Extensions { get; }

    /// <summary>Their names as a message lists them.</summary>
    public string Names { get; }
}
