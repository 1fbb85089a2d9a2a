namespace AltClip.Cli;

/// <summary><see cref="EmbeddingFormat.Jsonl"/></summary>
internal sealed class JsonlEmbeddings : IEmbeddingFile
{
    /// <inheritdoc/>
    public Task WriteAsync(string folder, IReadOnlyList<EmbeddedRow> rows)
    {
        JobJson.WriteLines(FileOf(folder), rows);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EmbeddedRow>> ReadAsync(string folder, int most) => Task.FromResult(JobJson.ReadLines<EmbeddedRow>(FileOf(folder)));

    private static string FileOf(string folder) => Path.Combine(folder, "embeddings.jsonl");
}
