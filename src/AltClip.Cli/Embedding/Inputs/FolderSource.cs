using System.Security.Cryptography;
using AltClip.Imaging;

namespace AltClip.Cli;

/// <summary>The pictures of a folder and all folders in it, in the order of their paths, then the folders that can't be read.</summary>
internal sealed class FolderSource(string path, int place, string? label = null) : InputSource(path, place, label)
{
    private PictureFiles? _listing;
    private string[]? _names;

    /// <inheritdoc/>
    public override int Count => OwnNames.Length;

    /// <summary>How many files and folders in it are no inputs.</summary>
    public int LeftOut => Listing.LeftOut;

    /// <inheritdoc/>
    protected override bool MayRepeat => false;

    private PictureFiles Listing => _listing ??= new(Path);

    // With slashes, and in an order that no machine's language changes.
    private string[] OwnNames => _names ??= [.. Listing.Files.Select(Relative), .. Listing.Failures.Select(failure => $"{Relative(failure.Path)}/")];

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count)
    {
        for (var index = first; index < Math.Min(first + count, Count); index++)
        {
            var input = new EmbedInput(Name(OwnNames[index]), Place, index);
            var failure = index - Listing.Files.Count;
            yield return failure < 0 ? input.WithFile(Listing.Files[index]) : input with { Error = Listing.Failures[failure].Error };
        }
    }

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count)
    {
        foreach (var name in OwnNames.AsSpan(first, count)) Add(hash, name);
    }

    /// <inheritdoc/>
    protected override IEnumerable<string> Names() => OwnNames.Select(Name);

    private string Relative(string file) =>
        System.IO.Path.GetRelativePath(Path, file).Replace(System.IO.Path.DirectorySeparatorChar, '/');
}
