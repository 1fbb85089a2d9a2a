using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace AltClip.Cli;

/// <summary><see cref="EmbeddingFormat.Npy"/>, as numpy's <c>lib.format</c> says (version 1.0, little-endian, rows one after another).</summary>
internal sealed partial class NpyEmbeddings : IEmbeddingFile
{
    private const int Alignment = 64;

    private static readonly byte[] Magic = [0x93, .. "NUMPY"u8, 1, 0];

    /// <inheritdoc/>
    public Task WriteAsync(string folder, IReadOnlyList<EmbeddedRow> rows)
    {
        using (var file = File.Create(NumbersOf(folder)))
        {
            file.Write(Header(rows.Count, rows.Count == 0 ? 0 : rows[0].Embedding.Length));
            foreach (var row in rows) file.Write(MemoryMarshal.AsBytes<float>(row.Embedding));
            file.Flush(flushToDisk: true);
        }
        JobJson.WriteLines(IdsOf(folder), rows.Select(row => new RowId(row.Id, row.Source, row.Index)));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<EmbeddedRow>> ReadAsync(string folder, int most)
    {
        var ids = JobJson.ReadLines<RowId>(IdsOf(folder));
        var path = NumbersOf(folder);
        using var reader = new BinaryReader(File.OpenRead(path));
        if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic)) throw new EmbedException($"{path} is no .npy file.");
        var header = Shape().Match(Encoding.ASCII.GetString(reader.ReadBytes(reader.ReadUInt16())));
        if (!header.Success) throw new EmbedException($"{path} has another header than was written.");
        var (rows, width) = (int.Parse(header.Groups[1].ValueSpan), int.Parse(header.Groups[2].ValueSpan));
        if (rows != ids.Count || reader.BaseStream.Length - reader.BaseStream.Position != (long)rows * width * sizeof(float))
            throw new EmbedException($"{path} has not {ids.Count} rows, as many as there are ids, of {width} numbers.");
        return Task.FromResult<IReadOnlyList<EmbeddedRow>>(
            [.. ids.Select(id => new EmbeddedRow(id.Id, id.Source, id.Index, ReadRow(reader.BaseStream, width)))]);
    }

    private static byte[] Header(int rows, int width)
    {
        var shape = string.Create(CultureInfo.InvariantCulture, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
        // The numbers start at a multiple of 64, and the header ends with a line break.
        var start = Magic.Length + sizeof(ushort);
        var end = (start + shape.Length + 1 + Alignment - 1) / Alignment * Alignment;
        return [.. Magic, .. BitConverter.GetBytes((ushort)(end - start)), .. Encoding.ASCII.GetBytes(shape.PadRight(end - start - 1) + "\n")];
    }

    private static float[] ReadRow(Stream stream, int width)
    {
        var row = new float[width];
        stream.ReadExactly(MemoryMarshal.AsBytes(row.AsSpan()));
        return row;
    }

    private static string NumbersOf(string folder) => Path.Combine(folder, "embeddings.npy");

    private static string IdsOf(string folder) => Path.Combine(folder, "ids.jsonl");

    [GeneratedRegex(@"^\{'descr': '<f4', 'fortran_order': False, 'shape': \((\d+), (\d+)\), \} *\n$")]
    private static partial Regex Shape();

    private sealed record RowId(string Id, int Source, int Index);
}
