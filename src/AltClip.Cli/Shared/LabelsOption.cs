using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--labels</c>, which may stand before what is labelled as well as behind it.</summary>
internal sealed class LabelsOption : TextsOption
{
    public LabelsOption(string description) : base("--labels", "-l")
    {
        Description = description;
        HelpName = "LABEL";
        Required = true;
        Arity = ArgumentArity.OneOrMore;
    }

    /// <summary>
    /// The labels, and what is labelled. All words behind the option are its values; where nothing else is given, the last of them that are there as
    /// files or folders are no labels.
    /// </summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="argument">What is labelled.</param>
    /// <param name="isOne">Whether a word is such.</param>
    /// <exception cref="UsageException">There are no labels, two are equal, or there is nothing to label.</exception>
    public (string[] Labels, string[] Labelled) Read(ParseResult parsed, Argument<string[]> argument, Func<string, bool> isOne)
    {
        var (labels, labelled) = (parsed.GetRequiredValue(this), parsed.GetValue(argument) ?? []);
        if (labelled.Length == 0)
        {
            labelled = [.. labels.Reverse().TakeWhile(isOne).Reverse()];
            labels = labels[..^labelled.Length];
        }
        if (labelled.Length == 0) throw new UsageException($"There is no {argument.Name}.");
        if (labels.Length == 0) throw new UsageException($"There are no labels: each value of {Name} is a {argument.Name}.");
        // They would share the probability of one.
        if (labels.CountBy(label => label).FirstOrDefault(label => label.Value > 1) is { Key: { } twice }) throw new UsageException($"{Name} has '{twice}' twice.");
        return (labels, labelled);
    }

    /// <summary>Says of a single label that its probability says nothing, as probabilities are among the labels; it may have been meant as several.</summary>
    public static void NoteOne(CliConsole console, string[] labels)
    {
        if (labels is [var one])
            console.Note($"There is one label, '{TerminalText.ShownName(one)}', which so has 100 % whatever a picture shows.{(one.IndexOfAny([',', ';']) < 0 ? "" : " Several are words of their own: --labels cat \"a landscape\".")}");
    }
}
