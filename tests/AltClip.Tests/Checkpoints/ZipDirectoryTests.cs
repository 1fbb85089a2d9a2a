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
        foreach (byte[] archive in new[] { With64BitFields(3, 0), With64BitFields(sizesToo: false, 0) })
        {
            using var file = TensorFile.Open(Folder.Write("x.zip", archive));
            var (offset, length) = Assert.Single(ZipDirectory.Read(file)).Value;
            Assert.Equal([1, 2, 3], archive[(int)offset..(int)(offset + length)]);
        }
    }

    [Fact]
    public void TheDirectoryIsFoundBy64BitNumbersWhereTheOthersAreFull()
    {
        byte[] plain = PickleBuilder.Zip([1, 2, 3]);
        int end = plain.AsSpan().LastIndexOf("PK\x05\x06"u8);
        byte[] end64 = [.. "PK\x06\x06"u8, .. new byte[52]], locator = [.. "PK\x06\x07"u8, .. new byte[16]], last = plain[end..];
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(40), BinaryPrimitives.ReadInt32LittleEndian(last.AsSpan(12)));
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(48), BinaryPrimitives.ReadInt32LittleEndian(last.AsSpan(16)));
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), end);
        last.AsSpan(12, 8).Fill(0xff);

        using var file = TensorFile.Open(Folder.Write("x.zip", [.. plain[..end], .. end64, .. locator, .. last]));
        Assert.Equal(["archive/data.pkl"], ZipDirectory.Read(file).Keys);
    }

    [Fact]
    public void FullFieldsWithoutTheir64BitNumbersAreRefused() =>
        Refuses(CheckpointError.InvalidArchive, With64BitFields(sizesToo: true, 3, 3), "the header of its entry 'archive/data.pkl' lies at byte 4294967295");

    [Theory]
    [InlineData(-1, 0, "its entry 'archive/data.pkl' lies at byte")]
    [InlineData(1000, 0, "its entry 'archive/data.pkl' lies at byte")]
    [InlineData(long.MaxValue, 0, "its entry 'archive/data.pkl' lies at byte")]
    [InlineData(3, -1, "the header of its entry 'archive/data.pkl' lies at byte -1")]
    [InlineData(3, 1000, "the header of its entry 'archive/data.pkl' lies at byte 1000")]
    [InlineData(3, long.MaxValue, "the header of its entry 'archive/data.pkl' lies at byte")]
    [InlineData(3, 1, "is not where the directory says")]
    public void EntriesOutsideTheFileAreRefused(long length, long offset, string part) =>
        Refuses(CheckpointError.InvalidArchive, With64BitFields(length, offset), part);

    [Fact]
    public void ADirectoryOutsideTheFileIsRefused()
    {
        byte[] archive = PickleBuilder.Zip([1, 2, 3]);
        int end = archive.AsSpan().LastIndexOf("PK\x05\x06"u8);
        BinaryPrimitives.WriteInt32LittleEndian(archive.AsSpan(end + 16), archive.Length);
        Refuses(CheckpointError.InvalidArchive, archive, "its directory lies at byte");
    }

    private static byte[] With64BitFields(long length, long offset) => With64BitFields(sizesToo: true, length, length, offset);

    // Of one entry, [1, 2, 3]. The numbers are those of the fields that are full.
    private static byte[] With64BitFields(bool sizesToo, params long[] numbers)
    {
        byte[] plain = PickleBuilder.Zip([1, 2, 3]);
        int central = plain.AsSpan().LastIndexOf("PK\x01\x02"u8), end = plain.AsSpan().LastIndexOf("PK\x05\x06"u8), bytes = numbers.Length * sizeof(long);
        // A field of another kind comes first, of two bytes.
        byte[] extra = new byte[6 + 4 + bytes];
        BinaryPrimitives.WriteInt32LittleEndian(extra, 7 | (2 << 16));
        BinaryPrimitives.WriteInt32LittleEndian(extra.AsSpan(6), 1 | (bytes << 16));
        for (int i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(extra.AsSpan(10 + i * sizeof(long)), numbers[i]);

        if (sizesToo)
            plain.AsSpan(central + 20, 8).Fill(0xff);

        plain.AsSpan(central + 42, 4).Fill(0xff);
        plain[central + 30] = (byte)extra.Length;
        plain[end + 12] += (byte)extra.Length;
        return [.. plain[..end], .. extra, .. plain[end..]];
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
