using System.Runtime.InteropServices;

namespace AltClip.Checkpoints;

/// <summary>A number of 64 bits by which bytes that were changed are told from what they were; no defence against who looks for others of the same number.</summary>
internal static class RowDigest
{
    private const ulong Factor = 0x9E3779B97F4A7C15; // odd, so that no step loses anything; 2^64 by the golden ratio, as Knuth has it

    // Four chains, as one step waits for the one before it.
    private const int Chains = 4;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong a = 1, b = 2, c = 3, d = 4;
        int i = 0;
        for (; i <= words.Length - Chains; i += Chains)
        {
            a = Step(a, words[i]);
            b = Step(b, words[i + 1]);
            c = Step(c, words[i + 2]);
            d = Step(d, words[i + 3]);
        }

        foreach (ulong word in words[i..])
            a = Step(a, word);

        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
            a = Step(a, rest);

        return Step(Step(Step(a, b), c), d);
    }

    // A product moves bits upwards only; without the shift a change of the highest bit stays one bit, which a later word could undo.
    private static ulong Step(ulong chain, ulong word)
    {
        var product = (chain ^ word) * Factor;
        return product ^ (product >> 29);
    }
}
