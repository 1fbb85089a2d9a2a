using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--templates</c>: sentences around a label.</summary>
internal sealed class TemplatesOption : TextsOption
{
    public TemplatesOption() : base("--templates", "-t")
    {
        Description = "Sentences with {} in the label's place, over which a label is averaged, as \"a photo of a {}\".";
        HelpName = "SENTENCE";
    }

    /// <summary>The sentences; none where none are given.</summary>
    /// <exception cref="UsageException">One has no place for the label.</exception>
    public string[] Read(ParseResult parsed)
    {
        var sentences = parsed.GetValue(this) ?? [];
        return sentences.FirstOrDefault(sentence => !sentence.Contains("{}")) is { } without
            ? throw new UsageException($"The template \"{without}\" has no {{}} for the label.") : sentences;
    }
}
