namespace AltClip.Cli;

/// <summary>The form in which embeddings are written.</summary>
internal enum EmbeddingFormat
{
    /// <summary><c>embeddings.parquet</c> with columns <c>id</c>, <c>source</c>, <c>index</c> and <c>embedding</c>, a list of floats.</summary>
    Parquet,

    /// <summary><c>embeddings.npy</c>, float32 [inputs, projection_dim], and <c>ids.jsonl</c> with a line for each row.</summary>
    Npy,

    /// <summary><c>embeddings.jsonl</c>, an object a line.</summary>
    Jsonl,
}
