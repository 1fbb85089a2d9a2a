using System.Text.RegularExpressions;

namespace EmojiClip;

/// <summary>Which emoji mean the same seen in a mirror.</summary>
internal static partial class Mirrors
{
    public static bool MeanTheSame(EmojiSet emoji, int place) =>
        emoji.Categories[place] is not ("Symbols" or "Flags") && !Directed().IsMatch(emoji.English[place].Name);

    [GeneratedRegex("left|right|clock|thirty|counter|east|west|arrow|quarter|crescent|tilt|magnifying|calendar|book|money|note|sign|button|hand|fist")]
    private static partial Regex Directed();
}
