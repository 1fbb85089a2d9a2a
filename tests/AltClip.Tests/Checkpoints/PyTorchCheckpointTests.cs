using AltClip.Checkpoints;
using AltClip.Checkpoints.PyTorch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

public class PyTorchCheckpointTests : CheckpointTests
{
    private static readonly byte[] Numbers = [.. Enumerable.Range(0, 12).SelectMany(i => BitConverter.GetBytes((float)i))];

    [Theory]
    [InlineData("base-bin")]
    [InlineData("base-bin-2022")]
    [InlineData("base-bin-legacy")]
    public void ReferenceFilesHoldTheSafetensorsFilesTensors(string folder)
    {
        using var expected = SafeTensors.Open(TestData.Path("checkpoints", "base", "model.safetensors"));
        using var actual = PyTorchCheckpoint.Open(TestData.Path("checkpoints", folder, "pytorch_model.bin"));

        var read = TensorBytes.Of(actual);
        Assert.Equal("logit_scale", actual.Names.First());
        // Older versions also saved buffers.
        string[] buffers = ["text_model.roberta.embeddings.position_ids", "vision_model.embeddings.position_ids"];
        Assert.Equal(folder != "base-bin", buffers.All(read.Remove));
        Assert.Equal(TensorBytes.Of(expected), read);
    }

    [Fact]
    public void MappedTensorsOutliveTheFile()
    {
        var file = PyTorchCheckpoint.Open(TestData.Path("checkpoints", "base-bin", "pytorch_model.bin"));
        using var weight = file.Read("text_projection.weight");
        file.Dispose();

        using var expected = SafeTensors.Open(TestData.Path("checkpoints", "base", "model.safetensors"));
        using var same = expected["text_projection.weight"];
        Assert.Equal(TensorBytes.Of(same), TensorBytes.Of(weight));
        Assert.Throws<ObjectDisposedException>(() => file.Read("text_projection.weight"));
    }

    // Two tensors that were read apart share memory only if both are views of the mapped file.
    [Fact]
    public void StoragesOfTheZipFormatAreMapped()
    {
        byte[] whole = File.ReadAllBytes(TestData.Path("checkpoints", "base-bin", "pytorch_model.bin"));
        string path = Folder.Write("x.bin", whole);
        using var scope = NewDisposeScope();
        using var file = PyTorchCheckpoint.Open(path);
        Assert.All(file.Names, name =>
        {
            file.Read(name).fill_(3);
            Assert.Equal(3, file.Read(name).mean().item<float>());
        });
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void StridesOffsetsAndSharedStorageAreHonoured(bool legacy)
    {
        var pickle = new PickleBuilder().OrderedDictionary().Op('(');
        Tensor("whole", 0, [3, 4], [4, 1]);
        Tensor("transposed", 0, [4, 3], [1, 4]);
        Tensor("part", 5, [2, 2], [4, 2]);
        Tensor("expanded", 11, [2, 3], [0, 0]);
        Tensor("scalar", 7, [], []);
        Tensor("empty", 12, [0, 4], [4, 1]);
        string path = Write(pickle.Op('u').Bytes, legacy);

        using var scope = NewDisposeScope();
        using var file = PyTorchCheckpoint.Open(path);
        Assert.Equal(["whole", "transposed", "part", "expanded", "scalar", "empty"], file.Names);
        Assert.Equal(Convert.ToHexString(Numbers), TensorBytes.Of(file.Read("whole")));
        Assert.Equal(TensorBytes.Of(file.Read("whole").t()), TensorBytes.Of(file.Read("transposed")));
        Assert.Equal([5f, 7, 9, 11], file.Read("part").reshape(-1).data<float>().ToArray());
        Assert.Equal([11f, 11, 11, 11, 11, 11], file.Read("expanded").reshape(-1).data<float>().ToArray());
        Assert.Equal(7f, file.Read("scalar").item<float>());
        Assert.Equal([0L, 4], file.Read("empty").shape);

        void Tensor(string name, long offset, long[] sizes, long[] strides) => pickle.Text(name).Tensor(Storage(legacy), offset, sizes, strides);
    }

    [Fact]
    public void LegacyViewsOfStoragesAreHonoured()
    {
        var pickle = new PickleBuilder().Op('}').Text("x").Tensor(b => b.LegacyStorage("FloatStorage", "7", 12, 4, 6), 1, [5], [1]).Op('s');
        using var file = PyTorchCheckpoint.Open(Write(pickle.Bytes, legacy: true));
        using var x = file.Read("x");

        Assert.Equal([5f, 6, 7, 8, 9], x.data<float>().ToArray());
        Refuses(CheckpointError.StorageOutOfBounds, View(6), legacy: true, "'x'", "6 elements");
        Refuses(CheckpointError.InvalidPickle, View(9), legacy: true, "12 elements");

        static byte[] View(long length) =>
            new PickleBuilder().Op('}').Text("x").Tensor(b => b.LegacyStorage("FloatStorage", "7", 12, 4, length), 2, [5], [1]).Op('s').Bytes;
    }

    [Theory]
    [InlineData("BoolStorage", ScalarType.Bool)]
    [InlineData("ByteStorage", ScalarType.Byte)]
    [InlineData("CharStorage", ScalarType.Int8)]
    [InlineData("ShortStorage", ScalarType.Int16)]
    [InlineData("IntStorage", ScalarType.Int32)]
    [InlineData("LongStorage", ScalarType.Int64)]
    [InlineData("HalfStorage", ScalarType.Float16)]
    [InlineData("BFloat16Storage", ScalarType.BFloat16)]
    [InlineData("FloatStorage", ScalarType.Float32)]
    [InlineData("DoubleStorage", ScalarType.Float64)]
    public void StorageNamesGiveTheType(string storage, ScalarType dtype)
    {
        var pickle = new PickleBuilder().Op('}').Text("x").Tensor(b => b.Storage(storage, "7", 2), 0, [2], [1]).Op('s');
        var bytes = new byte[2 * dtype.ElementSize()];
        bytes[^1] = 1;
        using var file = PyTorchCheckpoint.Open(Folder.Write("x.bin", PickleBuilder.Zip(pickle.Bytes, ("data/7", bytes))));
        using var x = file.Read("x");

        Assert.Equal(dtype, x.dtype);
        Assert.Equal(Convert.ToHexString(bytes), TensorBytes.Of(x));
    }

    [Fact]
    public void ParametersSizesSettingsAndAttributesAreAccepted()
    {
        var pickle = new PickleBuilder().OrderedDictionary().Op('(');
        pickle.Text("x").Global("torch._utils", "_rebuild_parameter").Op('(').Tensor(Storage(false), 0, [12], [1]).Raw(0x88).OrderedDictionary().Op('t').Op('R');
        pickle.Text("epoch").Number(3).Text("rate").Raw((byte)'G', 0x3f, 0xf0, 0, 0, 0, 0, 0, 0).Text("note").Text("harmless").Text("none").Op('N');
        pickle.Text("size").Global("torch", "Size").Tuple(1, 2).Raw(0x85).Op('R').Text("list").Op(']').Op('N').Op('a');
        pickle.Op('u').Op('}').Text("_metadata").OrderedDictionary().Op('s').Op('b');

        using var file = PyTorchCheckpoint.Open(Write(pickle.Bytes, legacy: false));
        Assert.Equal([new SafeTensorInfo("x", ScalarType.Float32, [12])], file.Names.Select(file.Describe));
    }

    [Fact]
    public void StateDictsWithinACheckpointAreFound()
    {
        var pickle = new PickleBuilder().Op('}').Op('(').Text("epoch").Raw((byte)'K', 3).Text("state_dict").Op('}').Text("x").Tensor(Storage(false), 0, [12], [1]).Op('s').Op('u');
        using var file = PyTorchCheckpoint.Open(Write(pickle.Bytes, legacy: false));

        Assert.Equal(["x"], file.Names);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void WrappersMayLieWithinThreeOthers(int depth, bool isFound)
    {
        var pickle = new PickleBuilder();
        for (int i = 0; i < depth; i++)
            pickle.Op('}').Text("model");

        pickle.Op('}').Text("x").Tensor(Storage(false), 0, [12], [1]).Op('s');
        for (int i = 0; i < depth; i++)
            pickle.Op('s');

        if (!isFound)
        {
            Refuses(CheckpointError.NotAStateDict, pickle.Bytes, legacy: false, "no tensors", "'model'");
            return;
        }

        using var file = PyTorchCheckpoint.Open(Write(pickle.Bytes, legacy: false));
        Assert.Equal(["x"], file.Names);
    }

    [Theory]
    [InlineData("state_dict", "model")]
    [InlineData("model", "state_dict")]
    [InlineData("module", "model_state_dict")]
    public void WrappersWithoutWeightsBesideOneWithThemArePassedOver(string without, string with)
    {
        Action<PickleBuilder>[] contents =
        [
            pickle => pickle.Op('}'),
            pickle => pickle.Op('}').Text("epoch").Number(3).Op('s'),
            pickle => pickle.Op('}').Text("model").Op('}').Op('s'),
            pickle => pickle.Op('}').Text("model").Number(3).Op('s'),
            pickle => pickle.Op('N'),
        ];
        foreach (var content in contents)
        {
            var pickle = new PickleBuilder().Op('}').Op('(').Text(without);
            content(pickle);
            pickle.Text(with).Op('}').Text("x").Tensor(Storage(false), 0, [12], [1]).Op('s').Op('u');
            using var file = PyTorchCheckpoint.Open(Write(pickle.Bytes, legacy: false));
            Assert.Equal(["x"], file.Names);
        }
    }

    [Theory]
    [InlineData("state_dict", "model")]
    [InlineData("module", "model_state_dict")]
    public void WeightsOfTwoModelsAreRefused(string one, string other)
    {
        var pickle = new PickleBuilder().Op('}').Op('(');
        pickle.Text(one).Op('}').Text("x").Tensor(Storage(false), 0, [12], [1]).Op('s');
        pickle.Text(other).Op('}').Text("model").Op('}').Text("x").Tensor(Storage(false), 0, [12], [1]).Op('s').Op('s').Op('u');

        Refuses(CheckpointError.NotAStateDict, pickle.Bytes, legacy: false, "2 models", $"'{one}'", $"'{other}'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatIsNoTensorIsSaidOfTheOneThatIsMissing(bool sharded)
    {
        var pickle = new PickleBuilder().Op('}').Op('(').Text("logit_scale").Global("my.own", "make").Op(')').Op('R');
        // No fewer than the layers that config.json says.
        for (int i = 0; i < 10; i++)
            pickle.Text($"x{i}").Tensor(Storage(false), 0, [12], [1]);

        pickle.Op('u');
        Folder.Write(sharded ? "part.bin" : "pytorch_model.bin", PickleBuilder.Zip(pickle.Bytes, ("data/7", Numbers)));
        if (sharded) Folder.Write("pytorch_model.bin.index.json", """{"weight_map":{"x0":"part.bin","x1":"part.bin","x2":"part.bin"}}"""u8.ToArray());
        File.Copy(TestData.Path("checkpoints", "base", "config.json"), Folder.File("config.json"));

        var exception = Assert.Throws<CheckpointException>(() => AltCLIPModel.FromPretrained(Folder.Path));
        Assert.Contains("logit_scale is no tensor but what 'my.own.make' makes, which was not run", exception.Message);
    }

    [Fact]
    public void MissingFilesAndNamesAreNamed()
    {
        Assert.Contains("missing.bin", Assert.Throws<FileNotFoundException>(() => PyTorchCheckpoint.Open(Folder.File("missing.bin"))).Message);
        using var file = PyTorchCheckpoint.Open(TestData.Path("checkpoints", "base-bin", "pytorch_model.bin"));
        Assert.Contains("'other'", Assert.Throws<KeyNotFoundException>(() => file.Read("other")).Message);
    }

    [Theory]
    [InlineData(13, 0, 1)]
    [InlineData(12, 1, 1)]
    [InlineData(4, 0, 4)]
    [InlineData(2, 0, long.MaxValue)]
    [InlineData(1, 12, 1)]
    [InlineData(1, long.MaxValue, 1)]
    public void TensorsBeyondTheirStorageAreRefused(long size, long offset, long stride) =>
        Refuses(CheckpointError.StorageOutOfBounds, OneTensor(offset, [size], [stride]), legacy: false, "'x'", "12 elements");

    [Theory]
    [InlineData(-1, 0, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 0, -1)]
    public void NegativeNumbersAreRefused(long size, long offset, long stride) =>
        Refuses(CheckpointError.InvalidNumber, OneTensor(offset, [size], [stride]), legacy: false, "'x'", "negative");

    [Fact]
    public void ShapesThatDoNotFitAreRefused()
    {
        Refuses(CheckpointError.InvalidNumber, OneTensor(0, [1, 1], [1]), legacy: false, "'x'", "as many strides as sizes");
        Refuses(CheckpointError.ShapeOverflow, OneTensor(0, [1L << 32, 1L << 32], [0, 0]), legacy: false, "'x'");
        Refuses(CheckpointError.ShapeOverflow, OneTensor(0, [0, 1L << 62, 1L << 62], [0, 0, 0]), legacy: false, "'x'");
    }

    [Fact]
    public void StoragesOfAnotherLengthAreRefused()
    {
        byte[] pickle = OneTensor(0, [1], [1]);
        RefusesFile(CheckpointError.StorageOutOfBounds, PickleBuilder.Zip(pickle, ("data/7", Numbers[4..])), "'7'", "44 bytes");
        RefusesFile(CheckpointError.StorageOutOfBounds, PickleBuilder.Zip(pickle, ("data/8", Numbers)), "'7'", "0 bytes");
        RefusesFile(CheckpointError.StorageOutOfBounds, PickleBuilder.Legacy(LegacyTensor, ("7", 11, Numbers)), "'7'", "11 elements");
        RefusesFile(CheckpointError.Truncated, PickleBuilder.Legacy(LegacyTensor, ("7", 12, Numbers[4..])), "'7'");
        RefusesFile(CheckpointError.Truncated, PickleBuilder.Legacy(LegacyTensor, ("7", 12, []))[..^4]);
        RefusesFile(CheckpointError.InvalidPickle, PickleBuilder.Legacy(LegacyTensor, ("8", 12, Numbers)), "'8'");
        RefusesFile(CheckpointError.DuplicateName, PickleBuilder.Legacy(LegacyTensor, ("7", 12, Numbers), ("7", 12, Numbers)), "'7'");
        RefusesFile(CheckpointError.StorageOutOfBounds, PickleBuilder.Legacy(LegacyTensor), "'7'");
    }

    [Fact]
    public void WhatIsNotAStateDictIsRefused()
    {
        Refuses(CheckpointError.NotAStateDict, new PickleBuilder().Op(']').Bytes, legacy: false, "expected a dictionary");
        Refuses(CheckpointError.NotAStateDict, new PickleBuilder().Op('N').Bytes, legacy: false, "None");
        Refuses(CheckpointError.NotAStateDict, new PickleBuilder().Op('}').Text("epoch").Number(1).Op('s').Bytes, legacy: false, "no tensors");
        Refuses(CheckpointError.NotAStateDict, new PickleBuilder().Op('}').Number(3).Tensor(Storage(false), 0, [1], [1]).Op('s').Bytes, legacy: false, "'3'");
    }

    [Fact]
    public void FilesOfOtherFormatsAreRefused()
    {
        RefusesFile(CheckpointError.FileEmpty, [], "empty");
        RefusesFile(CheckpointError.UnknownFormat, [1, 2, 3], "torch.save");
        RefusesFile(CheckpointError.UnknownFormat, "<!DOCTYPE html><html>"u8.ToArray(), "HTML");
        RefusesFile(CheckpointError.UnknownFormat, "version https://git-lfs.github.com/spec/v1\noid sha256:0"u8.ToArray(), "Git LFS");
        RefusesFile(CheckpointError.UnknownFormat, "{ \"error\": 1 }"u8.ToArray(), "JSON");
        RefusesFile(CheckpointError.UnknownFormat, [2, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8], ".safetensors");
        RefusesFile(CheckpointError.UnknownFormat, new PickleBuilder().Number(5).Bytes, "magic number");
        RefusesFile(CheckpointError.UnknownFormat, [.. PickleBuilder.Magic, .. new PickleBuilder().Number(1000).Bytes], "1001");
        RefusesFile(
            CheckpointError.UnsupportedByteOrder,
            [.. PickleBuilder.Magic, .. new PickleBuilder().Number(1001).Bytes, .. new PickleBuilder().Op('}').Text("little_endian").Raw(0x89).Op('s').Bytes],
            "little-endian");
        RefusesFile(CheckpointError.UnsupportedByteOrder, PickleBuilder.Zip(OneTensor(0, [1], [1]), ("data/7", Numbers), ("byteorder", "big"u8.ToArray())), "little-endian");
    }

    private static byte[] LegacyTensor => new PickleBuilder().Op('}').Text("x").Tensor(Storage(true), 0, [1], [1]).Op('s').Bytes;

    private static Action<PickleBuilder> Storage(bool legacy) =>
        builder => _ = legacy ? builder.LegacyStorage("FloatStorage", "7", 12) : builder.Storage("FloatStorage", "7", 12);

    private static byte[] OneTensor(long offset, long[] sizes, long[] strides) =>
        new PickleBuilder().Op('}').Text("x").Tensor(Storage(false), offset, sizes, strides).Op('s').Bytes;

    private string Write(byte[] pickle, bool legacy) =>
        Folder.Write("x.bin", legacy ? PickleBuilder.Legacy(pickle, ("7", 12, Numbers)) : PickleBuilder.Zip(pickle, ("data/7", Numbers)));

    private void Refuses(CheckpointError error, byte[] pickle, bool legacy, params string[] parts) =>
        RefusesFile(error, legacy ? PickleBuilder.Legacy(pickle, ("7", 12, Numbers)) : PickleBuilder.Zip(pickle, ("data/7", Numbers)), parts);

    private void RefusesFile(CheckpointError error, byte[] bytes, params string[] parts)
    {
        string path = Folder.Write("x.bin", bytes);
        var exception = Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(path));
        Assert.Equal(error, exception.Error);
        Assert.All(parts.Append(path), part => Assert.Contains(part, exception.Message));
    }
}
