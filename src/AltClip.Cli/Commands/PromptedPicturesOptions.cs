using System.CommandLine;
using AltClip.Shared;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary>Pictures with classes, and the sentences that say the classes.</summary>
internal sealed class PromptedPicturesOptions
{
    private readonly Argument<string> _pictures = new("PICTURES") { Description = $"The pictures: {LabelledPicturesOptions.Forms}" };
    private readonly LabelledPicturesOptions _labelled = new();
    private readonly Option<string?> _templates = new("--templates") { Description = "JSON, or lines of a .txt, with sentences with {c} in the class's place, as CLIP_benchmark's.", HelpName = "FILE" };
    private readonly TextsOption _sentences = new("--template", "-t")
    {
        Description = "A sentence with {} in the class's place. Several are averaged.",
        HelpName = "SENTENCE",
    };

    public void AddTo(CliCommand command)
    {
        command.Add(_pictures);
        _labelled.AddTo(command);
        command.Add(_templates);
        command.Add(_sentences);
    }

    /// <summary>Where the pictures are.</summary>
    public string Path(ParseResult parsed) => parsed.GetRequiredValue(_pictures);

    /// <summary>Reads the pictures' list and the sentences; no picture yet.</summary>
    public PromptedPictures Read(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (path, classesFile, given) = (Path(parsed), parsed.GetValue(_labelled.Classes), parsed.GetValue(_sentences));
        if (parsed.GetValue(_templates) is not null && classesFile is null) throw new UsageException("--templates goes with --classes; else give --template.");
        if (parsed.GetValue(_templates) is not null && given is { Length: > 0 }) throw new UsageException("--templates and --template can't be given both.");
        if (!Directory.Exists(path) && System.IO.Path.Exists(path) && classesFile is null) throw new UsageException("A list of pictures needs --classes, the names of its classes.");
        var prompts = classesFile is null ? null : ZeroShotPrompts.FromFiles(classesFile, parsed.GetValue(_templates), parsed.GetValue(_labelled.DataSet));
        IReadOnlyList<LabelledImage> examples = _labelled.Read(parsed, path, prompts, cancellationToken);
        if (prompts is null && !Directory.Exists(path)) throw new UsageException("Shards of pictures need --classes, the names of their classes.");
        if (prompts is { Labels: null } && examples.Count > 0 && examples.Max(example => example.Label) is var last && last >= prompts.Classes.Count)
            throw new UsageException($"{path} has pictures of class {last}, counted from 0, but --classes {classesFile} has {Quantity.Of(prompts.Classes.Count, "name")}; expected one for each class.");
        prompts ??= ZeroShotPrompts.Create(((LabelledImages)examples).Classes);
        if (given is { Length: > 0 }) prompts = prompts.WithTemplates(given);
        return new PromptedPictures(examples, prompts);
    }
}

/// <summary>Pictures with classes, and the classes' sentences.</summary>
internal sealed record PromptedPictures(IReadOnlyList<LabelledImage> Examples, ZeroShotPrompts Prompts)
{
    /// <summary>How many pictures are looked at.</summary>
    public int Count => Prompts.Labels is { } part ? LabelledImages.Part(Examples, part).Count : Examples.Count;
}
