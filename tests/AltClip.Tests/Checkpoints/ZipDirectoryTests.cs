using System.Buffers.Binary;
using System.IO.Compression;
using AltClip.Checkpoints;
using AltClip.Checkpoints.PyTorch;
using Xunit;

namespace AltClip.Tests;

public class ZipDirectoryTests : CheckpointTests
{
    private static byte[] Reference => File.ReadAllBytes(TestData.Path("checkpoints", "base-bin-sharded", "pytorch_model-00008-of-00008.bin"));

    [Fact]
    public void EntriesLieWhereTheArchiveReadersDoFindThem()
    {
        string path = Folder.Write("x.zip", Reference);
        using var file = TensorFile.Open(path);
        using var archive = ZipFile.OpenRead(path);
        var entries = ZipDirectory.Read(file);

        Assert.Equal(archive.Entries.Select(entry => entry.FullName), entries.Keys);
        foreach (var entry in archive.Entries)
        {
            using var content = new MemoryStream();
            using (var stream = entry.Open())
                stream.CopyTo(content);

            var bytes = new byte[entries[entry.FullName].Length];
            file.ReadExactly(entries[entry.FullName].Offset, bytes);
            Assert.Equal(content.ToArray(), bytes);
        }
    }

    // Archives beyond 4 GB leave the 32-bit fields full and give sizes and offsets in an extra field.
    [Fact]
    public void EntriesWith64BitFieldsAreFound()
    {
        byte[] plain = PickleBuilder.Zip([1, 2, 3]);
        int central = plain.AsSpan().LastIndexOf("PK\x01\x02"u8), end = plain.AsSpan().LastIndexOf("PK\x05\x06"u8);
        byte[] extra = new byte[28];
        BinaryPrimitives.WriteInt32LittleEndian(extra, 1 | (24 << 16));
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(4), 3);
        BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(12), 3);
        plain.AsSpan(central + 20, 8).Fill(0xff);
        plain.AsSpan(central + 42, 4).Fill(0xff);
        plain[central + 30] = (byte)extra.Length;
        plain[end + 12] += (byte)extra.Length;

        using var file = TensorFile.Open(Folder.Write("x.zip", [.. plain[..end], .. extra, .. plain[end..]]));
        var (offset, length) = Assert.Single(ZipDirectory.Read(file)).Value;
        Assert.Equal([1, 2, 3], plain[(int)offset..(int)(offset + length)]);
    }

    [Fact]
    public void CompressedEntriesAreRefused()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[1000]);
        }

        Refuses(CheckpointError.InvalidArchive, bytes.ToArray(), "'archive/data.pkl' is compressed");
    }

    [Fact]
    public void EntriesThatOccurTwiceAreRefused() => Refuses(CheckpointError.InvalidArchive, PickleBuilder.Zip([], ("data/7", []), ("data/7", [])), "'archive/data/7' twice");

    [Fact]
    public void ArchivesWithoutOnePickleAreRefused()
    {
        Refuses(CheckpointError.InvalidArchive, PickleBuilder.Zip([], ("inner/data.pkl", [])), "2 entries named data.pkl");
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            archive.CreateEntry("model.json", CompressionLevel.NoCompression);

        Refuses(CheckpointError.InvalidArchive, bytes.ToArray(), "0 entries named data.pkl");
    }

    [Fact]
    public void IncompleteArchivesAreRefused()
    {
        byte[] whole = Reference;
        Refuses(CheckpointError.Truncated, whole[..^1], "incomplete");
        Refuses(CheckpointError.Truncated, whole[..(whole.Length / 2)], "incomplete");
        Refuses(CheckpointError.Truncated, whole[..4], "incomplete");
    }

    // Damage anywhere is either refused or harmless, and never anything else.
    [Theory]
    [InlineData("base-bin-sharded/pytorch_model-00008-of-00008.bin")]
    [InlineData("base-bin-legacy/pytorch_model.bin")]
    public void DamagedFilesAreRefused(string reference)
    {
        byte[] whole = File.ReadAllBytes(TestData.Path("checkpoints", reference));
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = i % 3 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            for (int damaged = 0; damaged < i % 3; damaged++)
                bytes[Place(random, whole.Length)] = (byte)random.Next(256);

            try
            {
                using var file = PyTorchCheckpoint.Open(Folder.Write("x.bin", bytes));
                foreach (string name in file.Names)
                    file.Read(name).Dispose();
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 299);
    }

    // Pickles are at the head of both formats and the zip directory at the end of one; between them is only data.
    private static int Place(Random random, int length) => random.Next(2) == 0 ? random.Next(Math.Min(3000, length)) : length - 1 - random.Next(Math.Min(1000, length));

    private void Refuses(CheckpointError error, byte[] bytes, string part)
    {
        string path = Folder.Write("x.bin", bytes);
        var exception = Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(path));
        Assert.Equal(error, exception.Error);
        Assert.Contains(part, exception.Message);
    }
}
