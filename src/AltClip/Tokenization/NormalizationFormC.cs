using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>
/// Unicode's normalisation form C (UAX #15), and the others from the same tables. .NET's own does nothing where globalization is invariant, as it is in many containers, so that
/// ids would depend on the machine.
/// </summary>
internal static class NormalizationFormC
{
    // Hangul syllables are composed by arithmetic (The Unicode Standard, section 3.12).
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28, SyllableCount = LeadCount * VowelCount * TrailCount;

    private const char FirstAffected = '\u0300';

    // U+00A0, the no-break space, is the first with a compatibility decomposition.
    private const char FirstDecomposed = '\u00A0';

    private static readonly Lazy<Tables> Data = new(Tables.Read);
    private static readonly Lazy<Dictionary<int, int[]>> Compatible = new(Tables.ReadCompatibility);

    /// <summary>The text in form C; a lone surrogate becomes U+FFFD.</summary>
    public static string Normalize(string text) =>
        text.AsSpan().ContainsAnyInRange(FirstAffected, char.MaxValue) ? Normalize(text, composes: true, isCompatible: false) : text;

    /// <summary>The text in one of the four forms; a lone surrogate becomes U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="composes">Forms C and KC, not D and KD.</param>
    /// <param name="isCompatible">Forms KC and KD, not C and D.</param>
    public static string Normalize(string text, bool composes, bool isCompatible)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstDecomposed, char.MaxValue)) return text;
        var runes = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) Decompose(rune.Value, runes, isCompatible);
        Order(runes);
        if (composes) Compose(runes);
        var result = new StringBuilder(text.Length);
        foreach (int rune in runes) result.Append(new Rune(rune));
        return result.ToString();
    }

    private static void Decompose(int rune, List<int> output, bool isCompatible)
    {
        if (rune - SyllableBase is >= 0 and < SyllableCount and var syllable)
        {
            output.Add(LeadBase + syllable / (VowelCount * TrailCount));
            output.Add(VowelBase + syllable / TrailCount % VowelCount);
            if (syllable % TrailCount != 0) output.Add(TrailBase + syllable % TrailCount);
        }
        else if (Data.Value.Decompositions.TryGetValue(rune, out int[]? parts) || (isCompatible && Compatible.Value.TryGetValue(rune, out parts)))
        {
            foreach (int part in parts) Decompose(part, output, isCompatible);
        }
        else
        {
            output.Add(rune);
        }
    }

    /// <summary>Sorts the marks between two starters by their class; marks of one class keep their order.</summary>
    private static void Order(List<int> runes)
    {
        Span<int> all = CollectionsMarshal.AsSpan(runes);
        for (int start = 0; start < all.Length;)
        {
            int end = start;
            while (end < all.Length && Class(all[end]) != 0) end++;
            if (end - start > 1) SortByClass(all[start..end]);
            start = end + 1;
        }
    }

    private static void SortByClass(Span<int> marks)
    {
        // the place among equals is part of the key, since sorting alone does not keep it
        var keys = new long[marks.Length];
        for (int i = 0; i < keys.Length; i++) keys[i] = ((long)Class(marks[i]) << 32) | (uint)i;
        keys.AsSpan().Sort(marks);
    }

    /// <summary>Joins each starter with what follows it, unless a mark of the same or a higher class, or a starter, lies between.</summary>
    private static void Compose(List<int> runes)
    {
        int starter = -1, kept = 0, lastClass = 0;
        foreach (int rune in runes.ToArray())
        {
            int kind = Class(rune);
            bool reaches = starter >= 0 && (starter == kept - 1 || (lastClass < kind && lastClass != 0));
            if (reaches && Composed(runes[starter], rune) is { } composed)
            {
                runes[starter] = composed;
                continue;
            }
            if (kind == 0) starter = kept;
            lastClass = kind;
            runes[kept++] = rune;
        }
        runes.RemoveRange(kept, runes.Count - kept);
    }

    private static int? Composed(int first, int second)
    {
        if (first - LeadBase is >= 0 and < LeadCount and var lead && second - VowelBase is >= 0 and < VowelCount and var vowel)
            return SyllableBase + (lead * VowelCount + vowel) * TrailCount;
        if (first - SyllableBase is >= 0 and < SyllableCount and var syllable && syllable % TrailCount == 0 && second - TrailBase is > 0 and < TrailCount and var trail)
            return SyllableBase + syllable + trail;
        return Data.Value.Compositions.TryGetValue((first, second), out int composed) ? composed : null;
    }

    private static int Class(int rune) => rune < FirstAffected ? 0 : Data.Value.Classes.GetValueOrDefault(rune);

    private sealed record Tables(Dictionary<int, int[]> Decompositions, Dictionary<(int, int), int> Compositions, Dictionary<int, int> Classes)
    {
        private const string Resource = "AltClip.CanonicalDecompositions.txt";
        private const string CompatibilityResource = "AltClip.CompatibilityDecompositions.txt";

        public static Tables Read()
        {
            var tables = new Tables([], [], []);
            using var reader = new StreamReader(typeof(Tables).Assembly.GetManifestResourceStream(Resource)!);
            while (reader.ReadLine() is { } line)
            {
                if (line[0] == '#') continue;
                if (line.Split('=') is [var composed, var parts]) tables.AddDecomposition(composed, [.. parts.Split(' ').Select(Hex)]);
                else if (line.Split(':') is [var range, var kind]) tables.AddClass(range.Split(".."), int.Parse(kind, CultureInfo.InvariantCulture));
            }
            return tables;
        }

        /// <summary>The decompositions that lose a difference: ﬁ to fi.</summary>
        public static Dictionary<int, int[]> ReadCompatibility()
        {
            using var reader = new StreamReader(typeof(Tables).Assembly.GetManifestResourceStream(CompatibilityResource)!);
            Dictionary<int, int[]> decompositions = [];
            while (reader.ReadLine() is { } line)
            {
                if (line[0] != '#' && line.Split('=') is [var composed, var parts]) decompositions.Add(Hex(composed), [.. parts.Split(' ').Select(Hex)]);
            }
            return decompositions;
        }

        private void AddDecomposition(string composed, int[] parts)
        {
            Decompositions.Add(Hex(composed.TrimStart('!')), parts);
            if (composed[0] != '!') Compositions.Add((parts[0], parts[1]), Hex(composed));
        }

        private void AddClass(string[] range, int kind)
        {
            for (int rune = Hex(range[0]); rune <= Hex(range[1]); rune++) Classes.Add(rune, kind);
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
