using System.Text;
using AltClip.Tokenization;

namespace AltClip.Training.Teacher;

/// <summary>What CLIP's tokenizer makes of a text first: composed (NFC), each run of whitespace one space, lower case.</summary>
internal static class CLIPNormalizer
{
    // The only letter whose lower case is two characters whatever stands around it (Unicode's SpecialCasing); .NET has none for it.
    private static readonly Rune CapitalIWithDot = new(0x130);

    public static string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        bool afterSpace = false;
        foreach (Rune rune in NormalizationFormC.Normalize(text).EnumerateRunes())
        {
            bool space = Rune.IsWhiteSpace(rune);
            if (!space)
                AppendLower(result, rune);
            else if (!afterSpace)
                result.Append(' ');
            afterSpace = space;
        }
        return result.ToString();
    }

    private static void AppendLower(StringBuilder result, Rune rune)
    {
        if (rune == CapitalIWithDot)
            result.Append("i\u0307");
        else
            result.Append(Rune.ToLowerInvariant(rune));
    }
}
