using System.Text.RegularExpressions;

namespace AltClip.Tests;

/// <summary>
/// A page of the documentation. HTML comments right above a block of C#, which readers don't see, say what it needs:
/// <c>&lt;!-- given: CODE --&gt;</c> runs before it, <c>&lt;!-- continues --&gt;</c> puts it behind the block before, and
/// <c>&lt;!-- compile only: REASON --&gt;</c> keeps it from running. <c>&lt;!-- not run: REASON --&gt;</c> does so for a block of commands, and
/// <c>&lt;!-- not run "PART": REASON --&gt;</c> for those of its lines that have that part. A block of <c>text</c> that follows is what it prints in the end.
/// </summary>
internal sealed partial class MarkdownPage
{
    private MarkdownPage(string name, string text)
    {
        (Name, Text) = (name, text);
        Blocks = [.. Parse(text)];
    }

    /// <summary>The path in the repository.</summary>
    public string Name { get; }

    public string Text { get; }

    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>The page without its blocks.</summary>
    public string Prose => Fenced().Replace(Text, "");

    public static MarkdownPage Read(string name) => new(name, File.ReadAllText(Repository.Path(name)));

    public static MarkdownPage Parse(string name, string text) => new(name, text);

    private static IEnumerable<CodeBlock> Parse(string text)
    {
        var matches = Fenced().Matches(text);
        for (var i = 0; i < matches.Count; i++)
        {
            var match = matches[i];
            var comments = match.Groups["comment"].Captures.Select(capture => capture.Value.Trim()).ToList();
            var next = i + 1 < matches.Count ? matches[i + 1] : null;
            var printed = next?.Groups["language"].Value == "text" && text[(match.Index + match.Length)..next.Index].Trim().Length == 0;
            foreach (var comment in comments.Where(comment => !Known().IsMatch(comment)))
                throw new FormatException($"'{comment}' above a block; expected given: CODE, continues, compile only: REASON, or not run: REASON.");
            yield return new CodeBlock(
                match.Groups["language"].Value,
                text[..match.Groups["language"].Index].Count(c => c == '\n') + 1,
                match.Groups["code"].Value,
                string.Join('\n', comments.Select(comment => Given().Match(comment).Groups["code"].Value)),
                comments.Select(comment => CompileOnly().Match(comment)).SingleOrDefault(only => only.Success)?.Groups["reason"].Value,
                [.. comments.Select(comment => NotRun().Match(comment)).Where(not => not.Success).Select(not => not.Groups["part"].Value)],
                comments.Contains("continues"),
                printed ? next!.Groups["code"].Value.TrimEnd() : null);
        }
    }

    [GeneratedRegex(@"(?:<!--(?<comment>(?:(?!-->).)*)-->\s*\n)*^```(?<language>\w*)\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"^(given:|compile only:\s*\S|not run(?: ""[^""]+"")?:\s*\S|continues$)")]
    private static partial Regex Known();

    [GeneratedRegex(@"^given:\s*(?<code>.*)$", RegexOptions.Singleline)]
    private static partial Regex Given();

    [GeneratedRegex(@"^compile only:\s*(?<reason>.+)$", RegexOptions.Singleline)]
    private static partial Regex CompileOnly();

    [GeneratedRegex(@"^not run(?: ""(?<part>[^""]+)"")?:")]
    private static partial Regex NotRun();
}
