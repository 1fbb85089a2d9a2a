using System.CommandLine;
using System.CommandLine.Parsing;
using AltClip.Training.Data;

namespace AltClip.Cli.Commands;

/// <summary>The options of <c>altclip train</c> for the paper's first stage, in which the text encoder learns from a CLIP model's.</summary>
internal sealed class TeacherOptions
{
    /// <summary>What is about pictures, or about pairs that are compared with each other.</summary>
    private static readonly string[] OfPictures =
    [
        "--images", "--image-column", "--caption-column", "--skip-unreadable", "--augment", "--loss", "--gradient-cache", "--local-loss", "--lora",
        "--validation-images",
    ];

    private readonly Option<string?> _teacher = new("--teacher")
    {
        Description = "The paper's first stage: DATA is a table of texts with translations, and the text encoder learns to embed a translation where this CLIP model embeds the text. A folder, or owner/name on the Hub.",
        HelpName = "FOLDER|ID",
    };
    private readonly Option<string?> _source = new("--source-column") { Description = "With --teacher: the column of the texts that it embeds. Default: source, en or english.", HelpName = "NAME" };
    private readonly TextsOption _targets = new("--target-column")
    {
        Description = "With --teacher: the columns of their translations. Default: target, text or translation.",
        HelpName = "NAME",
    };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _teacher, _source, _targets }) command.Add(option);
    }

    /// <summary>The teacher's folder or id; null for no such stage.</summary>
    public string? Model(ParseResult parsed) => parsed.GetValue(_teacher);

    /// <summary>The columns of its table.</summary>
    public ParallelTextsOptions Columns(ParseResult parsed) => new()
    {
        SourceColumn = parsed.GetValue(_source),
        TargetColumns = parsed.GetValue(_targets) is { Length: > 0 } targets ? targets : null,
    };

    /// <summary>Refuses what doesn't go together.</summary>
    /// <exception cref="UsageException">It doesn't.</exception>
    public void Check(ParseResult parsed)
    {
        var given = parsed.CommandResult.Children.OfType<OptionResult>().Where(result => !result.Implicit).Select(result => result.Option.Name).ToHashSet();
        if (Model(parsed) is null)
        {
            foreach (var option in new Option[] { _source, _targets })
                if (given.Contains(option.Name)) throw new UsageException($"{option.Name} goes with {_teacher.Name}.");
        }
        else if (OfPictures.FirstOrDefault(given.Contains) is { } name)
        {
            throw new UsageException($"{name} is for pictures with captions; it doesn't go with {_teacher.Name}.");
        }
    }
}
