using System.Text;

namespace AltClip.Fuzz.Mutation;

/// <summary>Makes texts of runs: few kinds of characters, each many times, as no language has them.</summary>
internal static class TextMutator
{
    private const int MostCharacters = 100_000;

    // Most are short, since a long one takes the time of a thousand.
    private const int MostOfShort = 300;

    private static readonly string[] Runs =
    [
        "a", "ab", "Ab1 ", " ", "\t", "\u3000", "\u0301", "\u0323\u0301", "\u0301\u0323", "\u1100\u1161\u11A8", "\uAC00", "\u0F71\u0F72", "👨\u200D👩\u200D", "🇩", "\u200D", "\uFDFA",
        "<s>", "<mask>", "<", "'s", "'", "!", "<|endoftext|>", "一", "\0", "\uD800", "\uFFFD", "ﬁ", "▁",
    ];

    public static byte[] Mutate(Random random)
    {
        var text = new StringBuilder();
        var most = random.Next(200) == 0 ? MostCharacters : MostOfShort;
        for (var parts = random.Next(1, 6); parts > 0; parts--)
        {
            var run = Runs[random.Next(Runs.Length)];
            for (var count = 1 << random.Next(1, 17); count > 0 && text.Length < most; count--) text.Append(run);
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
