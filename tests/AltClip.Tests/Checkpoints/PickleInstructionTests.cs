using System.Collections;
using System.Globalization;
using System.Text;
using AltClip.Checkpoints.PyTorch;
using Xunit;

namespace AltClip.Tests;

/// <summary>Each instruction of a pickle gives what Python's does, and takes no more bytes of the pickle.</summary>
public sealed class PickleInstructionTests
{
    public static TheoryData<string, string> Instructions => new()
    {
        { "\u0080\u0005N", "None" },
        { "\u0088", "True" },
        { "\u0089", "False" },
        { "J\u00fe\u00ff\u00ff\u00ff", "-2" },
        { "K\u00ff", "255" },
        { "M\u0001\u00ff", "65281" },
        { "\u008a\0", "0" },
        { "\u008a\u0002\0\u0080", "-32768" },
        { "\u008b\u0001\0\0\0\u0005", "5" },
        { "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "9223372036854775807" },
        { "\u008a\u0008\0\0\0\0\0\0\0\u0080", "-9223372036854775808" },
        { "\u008a\u0009\0\0\0\0\0\0\0\u0080\0", "BigInteger 9223372036854775808" },
        { "\u008a\u0009\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f\u00ff", "BigInteger -9223372036854775809" },
        { "G\u003f\u00f8\0\0\0\0\0\0", "1.5" },
        { "X\u0002\0\0\0\u00c3\u00a9", "'é'" },
        { "\u008c\u0002.N", "'.N'" },
        { ")", "()" },
        { "K\u0001\u0085", "(1,)" },
        { "K\u0001K\u0002\u0086", "(1,2,)" },
        { "K\u0001K\u0002K\u0003\u0087", "(1,2,3,)" },
        { "K\u0007(K\u0001K\u0002t\u0086", "(7,(1,2,),)" },
        { "]K\u0001a", "[1,]" },
        { "](K\u0001K\u0002e", "[1,2,]" },
        { "](e", "[]" },
        { "}K\u0001K\u0002s", "{1:2,}" },
        { "}(K\u0001K\u0002K\u0003K\u0004u", "{1:2,3:4,}" },
        { "(T\u0002\0\0\0..K\u0005t", "(<bytes>,5,)" },
        { "(U\u0002..K\u0005t", "(<bytes>,5,)" },
        { "(B\u0002\0\0\0..K\u0005t", "(<bytes>,5,)" },
        { "(C\u0002..K\u0005t", "(<bytes>,5,)" },
        { "(\u008e\u0002\0\0\0\0\0\0\0..K\u0005t", "(<bytes>,5,)" },
        { "(\u0096\u0002\0\0\0\0\0\0\0..K\u0005t", "(<bytes>,5,)" },
        { "K\u0007\u008f(K\u0001\u0090\u0086", "(7,<set>,)" },
        { "K\u0007(K\u0001\u0091\u0086", "(7,<set>,)" },
        { "K\u0001K\u00020", "1" },
        { "K\u0001(0", "1" },
        { "K\u0001(K\u00020t\u0086", "(1,(),)" },
        { "K\u0001(K\u0002K\u00031", "1" },
        { "K\u00012\u0086", "(1,1,)" },
        { "K\u0001q\u0005K\u0002h\u0005\u0087", "(1,2,1,)" },
        { "K\u0001q\u0005K\u0002q\u00060h\u0005h\u0006\u0087", "(1,1,2,)" },
        { "K\u0001r\0\u0001\0\0j\0\u0001\0\0\u0086", "(1,1,)" },
        { "K\u0001\u0094K\u0002\u0094h\u0001h\0\u0086\u0087", "(1,2,(2,1,),)" },
        { "\u0095\u0002\0\0\0\0\0\0\0N", "None" },
        { "cbuiltins\nlist\n", "<builtins.list>" },
        { "\u008c\u0008builtins\u008c\u0004list\u0093", "<builtins.list>" },
        { "cbuiltins\nlist\n)R", "<builtins.list>" },
        { "cbuiltins\nlist\n)\u0081", "<builtins.list>" },
        { "K\u0007cbuiltins\nlist\n)}\u0092\u0086", "(7,<builtins.list>,)" },
        { "cbuiltins\nlist\nK\u0001a", "<builtins.list>" },
        { "cbuiltins\nlist\n(K\u0001K\u0002u", "<builtins.list>" },
        { "cbuiltins\nlist\nNb", "<builtins.list>" },
        { "}Nb", "{}" },
        { "clength\nof\n(K\u0001K\u0002tR", "2" },
        { "K\u0009Q", "reference to 9" },
    };

    [Theory]
    [MemberData(nameof(Instructions))]
    public void GivesWhatPythonDoes(string instructions, string expected)
    {
        // What follows belongs to the next pickle.
        byte[] bytes = [.. Encoding.Latin1.GetBytes(instructions + "."), (byte)'N'];
        var unpickler = new Unpickler(bytes, "x.bin", new Names());
        Assert.Equal(expected, Shown(unpickler.Load()));
        Assert.Equal(bytes.Length - 1, unpickler.Position);
    }

    private static string Shown(object? value) => value switch
    {
        null => "None",
        string text => $"'{text}'",
        PickledUnknown unknown => $"<{unknown.Name}>",
        PickleDictionary dictionary => $"{{{string.Concat(dictionary.Select(item => $"{Shown(item.Key)}:{Shown(item.Value)},"))}}}",
        object?[] tuple => $"({string.Concat(tuple.Select(item => Shown(item) + ","))})",
        IList list => $"[{string.Concat(list.Cast<object?>().Select(item => Shown(item) + ","))}]",
        System.Numerics.BigInteger number => $"BigInteger {number.ToString(CultureInfo.InvariantCulture)}",
        long or double or bool or Reference => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => value.GetType().Name,
    };

    private sealed record Reference(string Text)
    {
        public override string ToString() => Text;
    }

    private sealed class Names : IPickleVocabulary
    {
        public object Find(string module, string name) =>
            module == "length" ? new PickleFunction(arguments => (long)arguments.Length) : new PickledUnknown($"{module}.{name}");

        public object Resolve(object? persistentId) => new Reference($"reference to {persistentId}");
    }
}
