using System.Text;

namespace AltClip.Tokenization;

/// <summary>Unicode's general categories by the names that regular expressions have for them.</summary>
internal static class UnicodeCategories
{
    // In the order of UnicodeCategory.
    private static readonly string[] Names =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf",
        "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>Whether a character is of a category (<c>Lu</c>) or of any that begin with a letter (<c>L</c>); null where there is none of the name.</summary>
    public static Func<Rune, bool>? Of(string name) => name.Length is 1 or 2 && Names.Any(one => one.StartsWith(name, StringComparison.Ordinal))
        ? rune => Names[(int)Rune.GetUnicodeCategory(rune)].StartsWith(name, StringComparison.Ordinal)
        : null;
}
