using System.Security.Cryptography;
using AltClip.Imaging;

namespace AltClip.Cli;

/// <summary>The pictures of a folder and all folders in it, in the order of their paths.</summary>
internal sealed class FolderSource(string path, int place, string? label = null) : InputSource(path, place, label)
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };

    private string[]? _files;

    /// <inheritdoc/>
    public override int Count => Files.Length;

    /// <inheritdoc/>
    protected override bool MayRepeat => false;

    // With slashes, and in an order that no machine's language changes.
    private string[] Files => _files ??=
    [
        .. Directory.EnumerateFiles(Path, "*", Everything).Where(ImageFormats.IsPicture)
            .Select(file => System.IO.Path.GetRelativePath(Path, file).Replace(System.IO.Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count) => Files.Skip(first).Take(count)
        .Select((file, i) => new EmbedInput(Name(file), Place, first + i).WithFile(System.IO.Path.Combine(Path, file)));

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count)
    {
        foreach (var file in Files.AsSpan(first, count)) Add(hash, file);
    }

    /// <inheritdoc/>
    protected override IEnumerable<string> Names() => Files.Select(Name);
}
