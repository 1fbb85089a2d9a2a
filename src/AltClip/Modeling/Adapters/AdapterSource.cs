using AltClip.Hub;

namespace AltClip.Modeling.Adapters;

/// <summary>A saved adapter, and how much of it is put into a model.</summary>
/// <param name="FolderOrId">A folder as <see cref="LoraAdapter.FromPretrained"/> takes it, or an adapter on the Hub.</param>
/// <param name="Weight">What its change of the model's weights is multiplied by; 1 for all of it.</param>
public sealed record AdapterSource(string FolderOrId, double Weight = 1)
{
    /// <summary>The branch, tag or commit of an adapter on the Hub; <c>main</c> if null.</summary>
    public string? Revision { get; init; }

    /// <summary>Where adapters come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</summary>
    public HubOptions? Hub { get; init; }

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(FolderOrId);
        if (!double.IsFinite(Weight)) throw new ArgumentOutOfRangeException(nameof(Weight), Weight, $"The weight of the adapter {FolderOrId} isn't finite.");
    }
}
