using System.Text;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>The forms of embeddings, as other programs read them.</summary>
public sealed class EmbeddingFileTests : IDisposable
{
    private static readonly EmbeddedRow[] Rows =
    [
        new("a \"b\"\n/企鹅.png", 0, 3, [0.6f, -0.8f, float.Epsilon]), new("b", 0, 4, [1, 0, -0f]), new("c", 2, 0, [MathF.PI, 1e-20f, 1e20f]),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(EmbeddingFormat.Parquet)]
    [InlineData(EmbeddingFormat.Npy)]
    [InlineData(EmbeddingFormat.Jsonl)]
    public async Task WhatIsWrittenIsReadBack(object format)
    {
        var file = IEmbeddingFile.Of((EmbeddingFormat)format);
        await file.WriteAsync(_folder.Path, Rows);
        AssertEqual(Rows, await file.ReadAsync(_folder.Path, Rows.Length));
        var empty = Directory.CreateDirectory(_folder.File("empty")).FullName;
        await file.WriteAsync(empty, []);
        Assert.Empty(await file.ReadAsync(empty, 0));
    }

    [Theory]
    [InlineData(EmbeddingFormat.Parquet, "embeddings.parquet")]
    [InlineData(EmbeddingFormat.Jsonl, "embeddings.jsonl")]
    public async Task DuckDBReadsIt(object format, string name)
    {
        await IEmbeddingFile.Of((EmbeddingFormat)format).WriteAsync(_folder.Path, Rows);
        AssertEqual(Rows.OrderBy(row => row.Id, StringComparer.Ordinal), Tables.Embeddings(_folder.File(name)));
    }

    /// <summary>What the file says of itself is held against that before memory is taken for it.</summary>
    [Theory]
    [InlineData(3, 10, 2, "it has 3 rows and 30 numbers; expected at most 2 rows")]
    [InlineData(1, 16_385, 1, "it has 1 rows and 16385 numbers; expected at most 1 rows of 16384 numbers")]
    public async Task ParquetOfMoreThanThereCanBeIsRefused(int rows, int width, int most, string expected)
    {
        await new ParquetEmbeddings().WriteAsync(_folder.Path, [.. Enumerable.Range(0, rows).Select(i => new EmbeddedRow($"{i}", 0, i, new float[width]))]);
        var message = (await Assert.ThrowsAsync<EmbedException>(() => new ParquetEmbeddings().ReadAsync(_folder.Path, most))).Message;
        Assert.Contains(_folder.File("embeddings.parquet"), message);
        Assert.Contains(expected, message);
    }

    [Theory]
    [InlineData("F9F5FFFFFFFF07", "a list of 2147483647 elements")] // in a field that Parquet doesn't have
    [InlineData("F8FFFFFFFF07", "ends in the middle")]
    public async Task AHeaderOfAPageThatIsNotWhatItSaysIsRefusedAtOnce(string header, string expected)
    {
        await new ParquetEmbeddings().WriteAsync(_folder.Path, Rows);
        var path = _folder.File("embeddings.parquet");
        var bytes = File.ReadAllBytes(path);
        // The first page is behind the file's mark.
        Convert.FromHexString(header).CopyTo(bytes, 4);
        File.WriteAllBytes(path, bytes);
        Assert.Contains(expected, (await Assert.ThrowsAsync<EmbedException>(() => new ParquetEmbeddings().ReadAsync(_folder.Path, Rows.Length))).Message);
    }

    [Fact]
    public async Task ParquetHasAListOfFloats()
    {
        await new ParquetEmbeddings().WriteAsync(_folder.Path, Rows);
        var columns = Tables.Query(
            $"select column_name, column_type from (describe from '{_folder.File("embeddings.parquet")}')", row => $"{row.GetString(0)} {row.GetString(1)}");
        Assert.Equal(["id VARCHAR", "source INTEGER", "index INTEGER", "embedding FLOAT[]"], columns);
    }

    [Fact]
    public async Task NpyIsAsNumpyWritesIt()
    {
        await new NpyEmbeddings().WriteAsync(_folder.Path, Rows);
        var bytes = File.ReadAllBytes(_folder.File("embeddings.npy"));
        // What numpy.save writes for a float32 array of this shape, byte for byte.
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3), }".PadRight(117) + "\n";
        Assert.Equal([0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. Encoding.ASCII.GetBytes(header)], bytes[..128]);
        Assert.Equal(Rows.SelectMany(row => row.Embedding).SelectMany(BitConverter.GetBytes), bytes[128..]);
        Assert.Equal(Rows.Select(row => row.Id), Tables.Query($"select id from '{_folder.File("ids.jsonl")}' order by source, index", row => row.GetString(0)));
    }

    [Theory]
    [InlineData(EmbeddingFormat.Parquet, "embeddings.parquet")]
    [InlineData(EmbeddingFormat.Npy, "embeddings.npy")]
    [InlineData(EmbeddingFormat.Npy, "ids.jsonl")]
    [InlineData(EmbeddingFormat.Jsonl, "embeddings.jsonl")]
    public async Task DamagedFilesAreNamed(object format, string name)
    {
        var file = IEmbeddingFile.Of((EmbeddingFormat)format);
        await file.WriteAsync(_folder.Path, Rows);
        File.WriteAllBytes(_folder.File(name), File.ReadAllBytes(_folder.File(name))[..^7]);
        var error = await Assert.ThrowsAsync<EmbedException>(() => file.ReadAsync(_folder.Path, Rows.Length));
        Assert.Contains(_folder.Path, error.Message);
    }

    private static void AssertEqual(IEnumerable<EmbeddedRow> expected, IEnumerable<EmbeddedRow> found)
    {
        Assert.Equal(expected.Select(row => (row.Id, row.Source, row.Index)), found.Select(row => (row.Id, row.Source, row.Index)));
        Assert.Equal(expected.SelectMany(row => row.Embedding), found.SelectMany(row => row.Embedding));
    }
}
