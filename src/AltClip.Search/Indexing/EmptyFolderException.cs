namespace AltClip.Search;

/// <summary>A folder has no pictures any more, of which a store has some: it may be a disk that isn't mounted, and the store stays as it is.</summary>
public sealed class EmptyFolderException : AltClipException
{
    internal EmptyFolderException(string folder, int stored) : base(
        $"The folder {folder} has no pictures, but the store has {stored:N0} of it. Is a disk not mounted? To forget them, set {nameof(ImageIndexerOptions.AllowEmpty)}.")
    {
        Folder = folder;
        Stored = stored;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>How many of its pictures the store has.</summary>
    public int Stored { get; }
}
