namespace AltClip.Cli;

/// <summary>Embeddings as files of a folder.</summary>
internal interface IEmbeddingFile
{
    /// <summary>Writes them.</summary>
    /// <param name="folder">The folder, which is empty.</param>
    /// <param name="rows">The embeddings, all of one length.</param>
    Task WriteAsync(string folder, IReadOnlyList<EmbeddedRow> rows);

    /// <summary>Reads them back.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="most">The most rows that there can be: what a damaged file says of itself takes no memory beyond theirs.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="EmbedException">A file is damaged.</exception>
    Task<IReadOnlyList<EmbeddedRow>> ReadAsync(string folder, int most);

    /// <summary>What writes and reads a format.</summary>
    static IEmbeddingFile Of(EmbeddingFormat format) => format switch
    {
        EmbeddingFormat.Parquet => new ParquetEmbeddings(),
        EmbeddingFormat.Npy => new NpyEmbeddings(),
        EmbeddingFormat.Jsonl => new JsonlEmbeddings(),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };
}
