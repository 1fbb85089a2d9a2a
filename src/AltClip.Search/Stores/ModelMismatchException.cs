namespace AltClip.Search;

/// <summary>A store has the embeddings of another model: comparing with them would give numbers without meaning.</summary>
public sealed class ModelMismatchException : ImageStoreException
{
    private ModelMismatchException(string place, EmbeddingModel stored, EmbeddingModel asked)
        : base($"{place} has embeddings of {stored}; found {asked}. Use that model, or make another store for this one.") =>
        (Stored, Asked) = (stored, asked);

    /// <summary>The model of the stored embeddings.</summary>
    public EmbeddingModel Stored { get; }

    /// <summary>The model that was to be used.</summary>
    public EmbeddingModel Asked { get; }

    /// <summary>Refuses a model that is not the store's.</summary>
    /// <param name="place">Where the embeddings are, for the message; without passwords.</param>
    /// <param name="stored">The model of the stored embeddings.</param>
    /// <param name="asked">The model that is to be used; null for whatever is stored.</param>
    /// <exception cref="ModelMismatchException">It is another model.</exception>
    public static void ThrowIfDifferent(string place, EmbeddingModel stored, EmbeddingModel? asked)
    {
        if (asked is not null && asked != stored) throw new ModelMismatchException(place, stored, asked);
    }
}
