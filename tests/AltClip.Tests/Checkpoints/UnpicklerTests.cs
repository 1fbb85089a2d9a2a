using System.Text;
using AltClip.Checkpoints;
using AltClip.Checkpoints.PyTorch;
using Xunit;

namespace AltClip.Tests;

/// <summary>A pickle is a program; these are the ones that must not run, and the ones that are broken.</summary>
public class UnpicklerTests : CheckpointTests
{
    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "dict")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch", "load")]
    [InlineData("torch", "FloatStorag")]
    [InlineData("torch", "_utils._rebuild_tensor_v2")]
    [InlineData("collections", "defaultdict")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    public void OtherNamesAreRefusedByName(string module, string name)
    {
        var old = new PickleBuilder().Global(module, name).Op('(').Text("touch /tmp/never").Op('t').Op('R');
        var current = new PickleBuilder().Raw(0x8c, (byte)module.Length).Raw(Encoding.UTF8.GetBytes(module)).Text(name).Raw(0x93);
        foreach (byte[] pickle in new[] { old.Bytes, current.Bytes })
        {
            RefusesFile(CheckpointError.ForbiddenGlobal, PickleBuilder.Zip(pickle), $"'{module}.{name}'");
            RefusesFile(CheckpointError.ForbiddenGlobal, PickleBuilder.Legacy(pickle), $"'{module}.{name}'");
            RefusesFile(CheckpointError.ForbiddenGlobal, pickle, $"'{module}.{name}'");
        }
    }

    public static TheoryData<string, string> BrokenPickles => new()
    {
        { "takes 1 values from a stack of 0", "" },
        { "takes 2 values from a stack of 1", "}s" },
        { "takes 1 values from a stack of 0", "}(." },
        { "empty stack", "q\0" },
        { "empty stack", "(u" },
        { "a mark that was not set", "}u" },
        { "a mark that was not set", "t" },
        { "not stored", "h\x05" },
        { "not stored", "j\xff\xff\xff\xff" },
        { "keys without values", "}(Nu" },
        { "not a dictionary", "]NNs" },
        { "not a dictionary", "]Nb" },
        { "not a list", "}Na" },
        { "not a function", "N)R" },
        { "not a function", "ctorch\nFloatStorage\n)R" },
        { "not a function", "ccollections\nOrderedDict\nNR" },
        { "OrderedDict 1 arguments", "ccollections\nOrderedDict\nN\x85R" },
        { "not text", "NN\x93" },
        { "not a storage", "NQ" },
        { "not a storage", "X\x07\0\0\0storageN\x86Q" },
        { "a storage, an offset, sizes", "ctorch._utils\n_rebuild_tensor_v2\n)R" },
        { "something other than a tensor", "ctorch._utils\n_rebuild_parameter\nNNN\x87R" },
        { "one tuple", "ctorch\nSize\n)R" },
        { "0x69", "(i" },
        { "not a function", "))\x81" },
        { "not a set", "}(N\x90" },
        { "0x00", "\0" },
        { "protocol 6", "\x80\x06" },
        { "not UTF-8", "X\x01\0\0\0\xff" },
        { "without an end", "ctorch" },
    };

    [Theory]
    [MemberData(nameof(BrokenPickles))]
    public void BrokenPicklesAreRefused(string message, string instructions) =>
        RefusesFile(CheckpointError.InvalidPickle, PickleBuilder.Zip(new PickleBuilder().Raw(Encoding.Latin1.GetBytes(instructions)).Bytes), message);

    [Theory]
    [InlineData("X\xff\xff\xff\xff")]
    [InlineData("X\x05\0\0\0abc")]
    [InlineData("J\x01")]
    [InlineData("\x8a\x7f")]
    [InlineData("G")]
    public void PicklesThatEndTooSoonAreRefused(string instructions) =>
        RefusesFile(CheckpointError.Truncated, PickleBuilder.Zip(new PickleBuilder().Raw(Encoding.Latin1.GetBytes(instructions)).Bytes), "the pickle ends at");

    [Fact]
    public void ATensorsSizesMustBeNumbersOf64Bits()
    {
        var pickle = new PickleBuilder().Global("torch._utils", "_rebuild_tensor_v2").Op('(').Storage("FloatStorage", "7", 1).Number(0);
        pickle.Op('(').Raw([0x8a, 9, 1, 0, 0, 0, 0, 0, 0, 0, 1]).Op('t').Tuple(1).Raw(0x89).OrderedDictionary().Op('t').Op('R');
        RefusesFile(CheckpointError.InvalidPickle, PickleBuilder.Zip(pickle.Bytes), "64-bit");
    }

    // Containers within themselves and nested without end cost neither stack nor time.
    [Fact]
    public void DeepAndCyclicContainersAreHarmless()
    {
        var cyclic = new PickleBuilder().Op('}').Raw((byte)'q', 0).Text("state_dict").Raw((byte)'h', 0).Op('s');
        RefusesFile(CheckpointError.NotAStateDict, PickleBuilder.Zip(cyclic.Bytes), "no tensors");
        byte[] deep = [.. Enumerable.Repeat((byte)']', 100_000), .. Enumerable.Repeat((byte)'a', 99_999)];
        RefusesFile(CheckpointError.NotAStateDict, PickleBuilder.Zip(new PickleBuilder().Raw(deep).Bytes), "expected a dictionary");
    }

    [Fact]
    public void PicklesTooLongForAStateDictAreRefused() =>
        RefusesFile(CheckpointError.PickleTooLarge, PickleBuilder.Zip(new byte[(1 << 24) + 1]), "16777216");

    [Fact]
    public void NewerProtocolsAreRead()
    {
        var pickle = new PickleBuilder().Raw(0x80, 4).Raw([0x95, 9, 0, 0, 0, 0, 0, 0, 0]);
        pickle.Raw([0x8c, 11]).Raw("collections"u8).Raw(0x94, 0x8c, 11).Raw("OrderedDict"u8).Raw(0x94, 0x93, 0x94).Op(')').Op('R').Raw(0x94);
        pickle.Raw([0x8c, 1, (byte)'x']).Tensor(b => b.Storage("ByteStorage", "7", 1), 0, [1], [1]).Op('s');
        using var file = PyTorchCheckpoint.Open(Folder.Write("x.bin", PickleBuilder.Zip(pickle.Bytes, ("data/7", [5]))));
        Assert.Equal(["x"], file.Names);
    }

    private void RefusesFile(CheckpointError error, byte[] bytes, string part)
    {
        string path = Folder.Write("x.bin", bytes);
        var exception = Assert.Throws<CheckpointException>(() => PyTorchCheckpoint.Open(path));
        Assert.Equal((error, path), (exception.Error, exception.Path));
        Assert.Contains(part, exception.Message);
        Assert.Contains(path, exception.Message);
    }
}
