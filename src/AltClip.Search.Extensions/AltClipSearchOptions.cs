namespace AltClip.Search.Extensions;

/// <summary>Which store an app searches.</summary>
public sealed class AltClipSearchOptions
{
    /// <summary>Where the store is, in the words of one of the databases that were added: see <see cref="ImageStores.OpenAsync"/>.</summary>
    public string Store { get; set; } = "";

    /// <summary>The table of the pictures: see <see cref="ImageStoreOptions.Table"/>.</summary>
    public string Table { get; set; } = new ImageStoreOptions().Table;

    /// <summary>Whether the store is only searched: see <see cref="ImageStoreOptions.ReadOnly"/>.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>Whether model and store are opened while the host starts, which fails if they can't be. If not, the first call that needs them opens them.</summary>
    public bool OpenOnStart { get; set; } = true;
}
