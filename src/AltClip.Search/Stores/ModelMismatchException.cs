namespace AltClip.Search;

/// <summary>A store has the embeddings of another model: comparing with them would give numbers without meaning.</summary>
public sealed class ModelMismatchException : InvalidOperationException
{
    internal ModelMismatchException(string place, EmbeddingModel stored, EmbeddingModel asked)
        : base($"{place} has embeddings of {stored}; found {asked}. Use that model, or make another store for this one.") =>
        (Stored, Asked) = (stored, asked);

    /// <summary>The model of the stored embeddings.</summary>
    public EmbeddingModel Stored { get; }

    /// <summary>The model that was to be used.</summary>
    public EmbeddingModel Asked { get; }

    internal static void ThrowIfDifferent(string place, EmbeddingModel stored, EmbeddingModel? asked)
    {
        if (asked is not null && asked != stored) throw new ModelMismatchException(place, stored, asked);
    }
}
