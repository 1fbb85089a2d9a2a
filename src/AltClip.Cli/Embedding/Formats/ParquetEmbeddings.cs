using AltClip.Training.Data;
using Parquet;
using Parquet.Schema;

namespace AltClip.Cli;

/// <summary><see cref="EmbeddingFormat.Parquet"/></summary>
internal sealed class ParquetEmbeddings : IEmbeddingFile
{
    // More than any model's embedding has.
    private const int MostNumbers = 16_384;

    private static readonly DataField<string> Id = new("id", nullable: false);
    private static readonly DataField<int> Source = new("source");
    private static readonly DataField<int> Index = new("index");
    private static readonly DataField<float> Number = new(ListField.ElementName);
    private static readonly ParquetSchema Schema = new(Id, Source, Index, new ListField("embedding", Number));

    /// <inheritdoc/>
    public async Task WriteAsync(string folder, IReadOnlyList<EmbeddedRow> rows)
    {
        await using var file = new FileStream(FileOf(folder), FileMode.CreateNew, FileAccess.ReadWrite);
        await using (var writer = await ParquetWriter.CreateAsync(Schema, file, new ParquetOptions { CompressionMethod = CompressionMethod.Zstd }))
        {
            if (rows.Count > 0) await WriteAsync(writer, rows);
        }
        file.Flush(flushToDisk: true);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<EmbeddedRow>> ReadAsync(string folder, int most)
    {
        var path = FileOf(folder);
        List<EmbeddedRow> rows = [];
        try
        {
            await using var file = File.OpenRead(path);
            ParquetStructs.CheckFooter(file);
            await using var reader = await ParquetReader.CreateAsync(file);
            for (var i = 0; i < reader.RowGroupCount; i++)
            {
                ParquetStructs.CheckPages(file, reader, i);
                using var group = reader.OpenRowGroupReader(i);
                await ReadAsync(reader.Schema.DataFields, group, rows, most);
            }
        }
        catch (Exception error) when (error is not (FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or OutOfMemoryException))
        {
            throw new EmbedException($"{path} is damaged: {error.Message}", error);
        }
        return rows;
    }

    private static async Task WriteAsync(ParquetWriter writer, IReadOnlyList<EmbeddedRow> rows)
    {
        var width = rows[0].Embedding.Length;
        var numbers = new float[rows.Count * width];
        // A list begins where the repetition level is 0; no list and no number is null.
        var (repetition, definition) = (new int[numbers.Length], new int[numbers.Length]);
        Array.Fill(repetition, Number.MaxRepetitionLevel);
        Array.Fill(definition, Number.MaxDefinitionLevel);
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].Embedding.CopyTo(numbers, i * width);
            repetition[i * width] = 0;
        }
        using var group = writer.CreateRowGroup();
        await group.WriteAsync(Id, rows.Select(row => row.Id).ToArray());
        await group.WriteAsync<int>(Source, rows.Select(row => row.Source).ToArray());
        await group.WriteAsync<int>(Index, rows.Select(row => row.Index).ToArray());
        await group.WriteAllPartsAsync<float>(Number, numbers, definition, repetition, CancellationToken.None);
        group.CompleteValidate();
    }

    private static async Task ReadAsync(IReadOnlyList<DataField> fields, ParquetRowGroupReader group, List<EmbeddedRow> rows, int most)
    {
        var count = checked((int)group.RowCount);
        var total = checked((int)group.GetMetadata(fields[3])!.MetaData!.NumValues);
        if (count < 0 || count > most - rows.Count || total < 0 || total > (long)count * MostNumbers)
            throw new InvalidDataException($"it has {count} rows and {total} numbers; expected at most {most - rows.Count} rows of {MostNumbers} numbers.");
        var (ids, sources, indices) = (new string?[count], new int[count], new int[count]);
        var (numbers, definition, repetition) = (new float[total], new int[total], new int[total]);
        await group.ReadAsync(fields[0], ids.AsMemory());
        await group.ReadAsync<int>(fields[1], sources.AsMemory());
        await group.ReadAsync<int>(fields[2], indices.AsMemory());
        await group.ReadRawAsync<float>(fields[3], numbers.AsMemory(), definition.AsMemory(), repetition.AsMemory());
        var end = 0;
        for (var i = 0; i < count; i++)
        {
            var start = end++;
            while (end < total && repetition[end] != 0) end++;
            rows.Add(new EmbeddedRow(ids[i]!, sources[i], indices[i], numbers[start..end]));
        }
    }

    private static string FileOf(string folder) => Path.Combine(folder, "embeddings.parquet");
}
