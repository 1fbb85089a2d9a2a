using System.Security.Cryptography;

namespace AltClip.Cli;

/// <summary>The pictures of a folder and all folders in it, in the order of their paths.</summary>
internal sealed class FolderSource(string path, int place) : InputSource(path, place)
{
    private static readonly EnumerationOptions Everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };

    private string[]? _names;

    /// <inheritdoc/>
    public override int Count => Names.Length;

    // With slashes, and in an order that no machine's language changes.
    private string[] Names => _names ??=
    [
        .. Directory.EnumerateFiles(Path, "*", Everything).Where(PictureNames.IsPicture)
            .Select(file => System.IO.Path.GetRelativePath(Path, file).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count) => Names.Skip(first).Take(count)
        .Select((name, i) => new EmbedInput(name, Place, first + i).WithFile(System.IO.Path.Combine(Path, name)));

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count)
    {
        foreach (var name in Names.AsSpan(first, count)) Add(hash, name);
    }
}
