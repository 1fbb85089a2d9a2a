using System.Buffers.Binary;
using System.Text;
using AltClip.Checkpoints;
using Xunit;
using static AltClip.Tests.SafeTensorsBytes;

namespace AltClip.Tests;

/// <summary>Every way in which a header can be malformed is refused with its own error, before any tensor exists.</summary>
public class SafeTensorsHeaderTests : CheckpointTests
{
    [Fact]
    public void MissingFile()
    {
        string path = Folder.File("missing.safetensors");
        Assert.Contains(path, Assert.Throws<FileNotFoundException>(() => SafeTensors.Open(path)).Message);
        Assert.Throws<FileNotFoundException>(() => SafeTensors.Open(Folder.File("no/such/folder/x")));
        Assert.Throws<FileNotFoundException>(() => SafeTensors.Open(Folder.Path));
        Assert.Throws<ArgumentException>(() => SafeTensors.Open(""));
    }

    [Fact]
    public void EmptyFile() => Refuses(CheckpointError.FileEmpty, [], "empty", "expected");

    [Fact]
    public void ShortHeaderLength() => Refuses(CheckpointError.HeaderTooShort, [1, 2, 3, 4, 5, 6, 7], "7 bytes", "expected 8 bytes");

    [Theory]
    [InlineData(100_000_001)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    public void OversizedHeader(long length)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        Refuses(CheckpointError.HeaderTooLarge, bytes, ((ulong)length).ToString(), "100000000");
    }

    [Fact]
    public void HeaderOfTheGreatestLengthIsRead()
    {
        byte[] header = Encoding.UTF8.GetBytes(Tensor("x", "U8", "[1]", "[0,1]").PadRight(100_000_000));
        using var file = SafeTensors.Open(Folder.Write("x", Of(header, 1)));
        Assert.Equal(["x"], file.Names);
    }

    [Fact]
    public void HeaderEndsAfterTheFile() => Refuses(CheckpointError.HeaderTruncated, [9, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], "9 bytes", "8 bytes follow");

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("  {}")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{/**/}")]
    [InlineData("{\"\\ud800\":{}}")]
    public void HeaderNotJson(string header) => Refuses(CheckpointError.HeaderNotJson, Of(header, 0), "header");

    [Fact]
    public void HeaderNotUtf8() => Refuses(CheckpointError.HeaderNotJson, Of([.. "{\""u8, 0xff, 0xfe, .. "\":{}}"u8], 0), "UTF-8");

    [Fact]
    public void HeaderTooDeep() => Refuses(CheckpointError.HeaderNotJson, Of("{\"x\":" + new string('[', 100_000), 0), "header");

    [Theory]
    [InlineData("""{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""")]
    [InlineData("""{"__metadata__":{},"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"__metadata__":{}}""")]
    [InlineData("""{"__metadata__":{"x":"1","x":"2"},"y":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""")]
    [InlineData("""{"x":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,2]}}""")]
    public void DuplicateName(string header) => Refuses(CheckpointError.DuplicateName, Of(header, 2), "twice");

    [Theory]
    [InlineData("""{"__metadata__":1}""")]
    [InlineData("""{"__metadata__":null}""")]
    [InlineData("""{"__metadata__":{"a":1}}""")]
    [InlineData("""{"__metadata__":{"a":{"b":"c"}}}""")]
    public void InvalidMetadata(string header) => Refuses(CheckpointError.InvalidMetadata, Of(header, 0), "__metadata__");

    [Theory]
    [InlineData("""{"x":1}""")]
    [InlineData("""{"x":[]}""")]
    [InlineData("""{"x":{}}""")]
    [InlineData("""{"x":{"shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"x":{"dtype":"U8","data_offsets":[0,1]}}""")]
    [InlineData("""{"x":{"dtype":"U8","shape":[1]}}""")]
    [InlineData("""{"x":{"dtype":8,"shape":[1],"data_offsets":[0,1]}}""")]
    [InlineData("""{"x":{"dtype":"U8","shape":"[1]","data_offsets":[0,1]}}""")]
    [InlineData("""{"x":{"dtype":"U8","shape":[1],"data_offsets":[0]}}""")]
    [InlineData("""{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}""")]
    public void InvalidTensorInfo(string header) => Refuses(CheckpointError.InvalidTensorInfo, Of(header, 1), "'x'", "expected");

    [Theory]
    [InlineData("[-1]", "[0,1]")]
    [InlineData("[1.5]", "[0,1]")]
    [InlineData("[1e1]", "[0,1]")]
    [InlineData("[\"1\"]", "[0,1]")]
    [InlineData("[null]", "[0,1]")]
    [InlineData("[9223372036854775808]", "[0,1]")]
    [InlineData("[1]", "[-1,1]")]
    [InlineData("[1]", "[0,18446744073709551616]")]
    public void InvalidNumber(string shape, string offsets) => Refuses(CheckpointError.InvalidNumber, Of(Tensor("x", "U8", shape, offsets), 1), "'x'", "whole numbers");

    [Theory]
    [InlineData("F8_E4M3")]
    [InlineData("F8_E5M2")]
    [InlineData("U16")]
    [InlineData("U32")]
    [InlineData("U64")]
    [InlineData("F4")]
    [InlineData("C64")]
    public void UnsupportedDType(string dtype) => Refuses(CheckpointError.UnsupportedDType, Of(Tensor("x", dtype, "[1]", "[0,1]"), 1), "'x'", dtype, "TorchSharp", "F32");

    [Theory]
    [InlineData("")]
    [InlineData("f32")]
    [InlineData("FLOAT")]
    public void UnknownDType(string dtype) => Refuses(CheckpointError.UnknownDType, Of(Tensor("x", dtype, "[1]", "[0,1]"), 1), "'x'", $"'{dtype}'", "F32");

    [Theory]
    [InlineData("[9223372036854775807,2]")]
    [InlineData("[4611686018427387904]")]
    [InlineData("[0,4611686018427387904,4611686018427387904]")]
    [InlineData("[4294967296,4294967296,4294967296]")]
    public void ShapeOverflow(string shape) => Refuses(CheckpointError.ShapeOverflow, Of(Tensor("x", "F32", shape, "[0,4]"), 4), "'x'");

    [Theory]
    [InlineData("[2]", "[0,4]", "8 bytes", "found 4")]
    [InlineData("[]", "[0,0]", "4 bytes", "found 0")]
    [InlineData("[0]", "[0,4]", "0 bytes", "found 4")]
    public void ShapeMismatch(string shape, string offsets, string needed, string found) =>
        Refuses(CheckpointError.ShapeMismatch, Of(Tensor("x", "F32", shape, offsets), 4), "'x Float32", needed, found);

    [Theory]
    [InlineData("[0,8]")]
    [InlineData("[4,0]")]
    [InlineData("[9223372036854775803,9223372036854775807]")]
    public void OffsetsOutsideFile(string offsets) => Refuses(CheckpointError.OffsetsOutsideFile, Of(Tensor("x", "F32", "[1]", offsets), 4), "'x'", "4 bytes");

    [Fact]
    public void OffsetsOverlap() =>
        Refuses(CheckpointError.OffsetsOverlap, Of("""{"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"y":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}""", 7), "'x'", "'y'");

    [Theory]
    [InlineData("""{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}}""")]
    [InlineData("""{"x":{"dtype":"U8","shape":[6],"data_offsets":[1,7]}}""")]
    [InlineData("""{"x":{"dtype":"U8","shape":[6],"data_offsets":[0,6]}}""")]
    [InlineData("{}")]
    public void UnusedBytes(string header) => Refuses(CheckpointError.UnusedBytes, Of(header, 7), "belong to no tensor");

    // Damage anywhere in a file's head is either refused or harmless, and never anything else.
    [Fact]
    public void DamagedFilesAreRefused()
    {
        byte[] whole = Of("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}""", 32);
        var random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 600; i++)
        {
            byte[] bytes = i < whole.Length ? whole[..i] : [.. whole];
            if (i >= whole.Length)
                bytes[random.Next(whole.Length - 32)] = (byte)random.Next(256);

            try
            {
                using var file = SafeTensors.Open(Folder.Write("x", bytes));
                foreach (string name in file.Names)
                    file[name].Dispose();
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, whole.Length, 599);
    }

    private void Refuses(CheckpointError error, byte[] bytes, params string[] parts)
    {
        string path = Folder.Write("model.safetensors", bytes);
        var exception = Assert.Throws<CheckpointException>(() => SafeTensors.Open(path));
        Assert.Equal(error, exception.Error);
        Assert.Equal(path, exception.Path);
        Assert.Contains(path, exception.Message);
        Assert.All(parts, part => Assert.Contains(part, exception.Message));
    }
}
