namespace AltClip.Search;

/// <summary>A picture file as a folder lists it.</summary>
internal sealed record PictureFile(string Path, string Id, long Size, DateTimeOffset Modified)
{
    /// <summary>The picture as the store shall have it, without its embedding.</summary>
    public ImageEntry ToEntry() => new() { Id = Id, Size = Size, Modified = Modified };
}
