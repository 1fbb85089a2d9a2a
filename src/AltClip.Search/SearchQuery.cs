using System.Globalization;
using System.Text.RegularExpressions;
using AltClip.Imaging;

namespace AltClip.Search;

/// <summary>
/// What pictures are to be like: a sum and difference of texts and pictures, each with a weight. As typed:
/// <c>"2:golden retriever" + ./pool.jpg - fruit</c>.
/// </summary>
public sealed partial class SearchQuery
{
    /// <summary>A query of several parts.</summary>
    /// <param name="terms">The parts, of which one at least adds.</param>
    /// <exception cref="ArgumentException">There are none, or all of them take away.</exception>
    public SearchQuery(params IEnumerable<SearchTerm> terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        Terms = [.. terms];
        if (Terms.Count == 0) throw new ArgumentException("The query is empty.", nameof(terms));
        if (Terms.Any(term => term is null)) throw new ArgumentException("A part of the query is null.", nameof(terms));
        if (Terms.All(term => term.Weight < 0))
            throw new ArgumentException($"The query only takes away ({this}); expected something to begin from.", nameof(terms));
    }

    /// <summary>The parts.</summary>
    public IReadOnlyList<SearchTerm> Terms { get; }

    /// <summary>Reads a query as it is typed.</summary>
    /// <param name="words">
    /// The words: <c>+</c> and <c>-</c> stand between the parts, and words with neither between them are one text. A part may begin with its weight
    /// and a colon, as <c>1.5:</c>. It is a picture if it is called as pictures are (<see cref="ImageFormats"/>) and without a space or there, or
    /// begins as a path does (<c>/</c>, <c>./</c>, <c>../</c>, <c>~/</c>, <c>file://</c>); one on the web with <c>http://</c> or <c>https://</c>;
    /// and a text if not.
    /// </param>
    /// <remarks>
    /// It names files and addresses as the user of this machine may. For texts of strangers, as a server gets them, use
    /// <see cref="SearchTerm.FromText"/>.
    /// </remarks>
    /// <exception cref="FormatException">A sign or a weight has nothing behind it, a weight is no number above 0, words and a picture stand side by side, or nothing is added.</exception>
    /// <exception cref="FileNotFoundException">There is no such picture.</exception>
    public static SearchQuery Parse(params IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        List<SearchTerm> terms = [];
        List<string> part = [];
        var sign = "";
        foreach (var word in words)
        {
            if (word is not ("+" or "-"))
            {
                part.Add(word);
                continue;
            }
            if (part.Count > 0 || sign != "") terms.Add(Term(sign, part));
            (sign, part) = (word, []);
        }
        terms.Add(Term(sign, part));
        return terms.Any(term => term.Weight > 0) ? new(terms) : throw new FormatException("The query only takes away; expected something to begin from.");
    }

    /// <summary>The query as it may be typed.</summary>
    public override string ToString() => string.Concat(Terms.Select((term, i) =>
    {
        var sign = term.Weight < 0 ? i == 0 ? "- " : " - " : i == 0 ? "" : " + ";
        var weight = Math.Abs(term.Weight) == 1 ? "" : Math.Abs(term.Weight).ToString(CultureInfo.InvariantCulture) + ":";
        return $"{sign}{weight}{term.Name}";
    }));

    private static SearchTerm Term(string sign, List<string> words)
    {
        if (words.Count == 0 || words.All(string.IsNullOrWhiteSpace))
            throw new FormatException(sign == "" ? "The query is empty." : $"There is nothing behind '{sign}' in the query.");
        var (weight, rest) = Weight(words);
        if (sign == "-") weight = -weight;
        if (rest is not [var first])
        {
            var text = string.Join(' ', rest);
            return rest.FirstOrDefault(IsPicture) is not { } picture ? SearchTerm.FromText(text, weight)
                : throw new FormatException($"'{picture}' is a picture, but stands with other words in '{text}'; expected + or - between them.");
        }
        if (ImageDownload.IsUrl(first)) return SearchTerm.FromUrl(new Uri(first), weight);
        return IsPicture(first) ? SearchTerm.FromImage(ImageSource.FromFile(Find(first)), weight) : SearchTerm.FromText(first, weight);
    }

    /// <summary>The weight that the words begin with, and the words without it.</summary>
    private static (double Factor, IReadOnlyList<string> Words) Weight(IReadOnlyList<string> words)
    {
        if (Weighted().Match(words[0]) is not { Success: true } match) return (1, words);
        var (number, first) = (match.Groups["weight"].Value, match.Groups["rest"].Value);
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight) || weight == 0 || !double.IsFinite(weight))
            throw new FormatException($"The weight of '{words[0]}' is {number}; expected a number above 0, such as 2 or 1.5.");
        string[] rest = [.. words.Skip(1)];
        if (!string.IsNullOrWhiteSpace(first)) rest = [first, .. rest];
        return rest.All(string.IsNullOrWhiteSpace) ? throw new FormatException($"There is nothing behind the weight '{words[0]}' in the query.") : (weight, rest);
    }

    private static bool IsPicture(string word) =>
        ImageDownload.IsUrl(word) || IsPath(word) || ImageFormats.IsPicture(word) && (!word.Contains(' ') || File.Exists(word));

    private static bool IsPath(string word) => word.StartsWith('/') || word.StartsWith("./", StringComparison.Ordinal) || word.StartsWith("../", StringComparison.Ordinal)
        || word.StartsWith("~/", StringComparison.Ordinal) || word.StartsWith("file://", StringComparison.OrdinalIgnoreCase)
        || OperatingSystem.IsWindows() && (Path.IsPathRooted(word) || word.StartsWith(@".\", StringComparison.Ordinal) || word.StartsWith(@"..\", StringComparison.Ordinal));

    private static string Find(string word)
    {
        var path = word.StartsWith("file://", StringComparison.OrdinalIgnoreCase) ? new Uri(word).LocalPath
            : word.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), word[2..]) : word;
        if (Directory.Exists(path)) throw new FileNotFoundException($"{word} is a folder; expected a picture file.", path);
        return File.Exists(path) ? Path.GetFullPath(path) : throw new FileNotFoundException($"There is no picture {word}.", path);
    }

    // As rclip writes weights: 2, 1.5, .5 or 2. Numbers in other forms are found, too, as they were hardly meant as texts.
    [GeneratedRegex(@"^(?<weight>[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?):(?<rest>.*)$", RegexOptions.Singleline)]
    private static partial Regex Weighted();
}
