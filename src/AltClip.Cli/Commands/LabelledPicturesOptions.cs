using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary>The options that say which classes pictures are of, and where that stands.</summary>
internal sealed class LabelledPicturesOptions
{
    /// <summary>What pictures with classes are read from.</summary>
    public const string Forms = "a folder with a folder of pictures for each class; a list (TSV, CSV, JSON Lines, Parquet) of pictures and classes; or WebDataset shards with .cls, as {0..3}.tar.";

    private readonly Option<string?> _images = new("--images", "-i") { Description = "The folder that a list's pictures are in. Default: the list's own.", HelpName = "FOLDER" };
    private readonly Option<bool> _named = new("--named") { Description = "The list has the classes' names and not their numbers." };
    private readonly LabelTableOptions _table = new();

    /// <summary>The names of the classes.</summary>
    public Option<string?> Classes { get; } = new("--classes", "-c")
    {
        Description = "The classes' names in the order of the folders or of the numbers: JSON as CLIP_benchmark's zh_classnames.json or babel-imagenet's, or a name a line (.txt). Default: the folders' names.",
        HelpName = "FILE",
    };

    /// <summary>Which of a file's classes.</summary>
    public Option<string?> DataSet { get; } = new("--data-set") { Description = "The data set's name in --classes and --templates, as imagenet1k; of babel-imagenet the language, as DE.", HelpName = "NAME" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _images, Classes, _named, DataSet }) command.Add(option);
        _table.AddTo(command);
    }

    /// <summary>Reads pictures with their classes.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="path">Where they are.</param>
    /// <param name="classes">The classes that <c>--classes</c> has; null without.</param>
    /// <param name="cancellationToken">Stops between shards.</param>
    public LabelledImages Read(ParseResult parsed, string path, ZeroShotPrompts? classes, CancellationToken cancellationToken)
    {
        // babel-imagenet's are a part of the classes that numbers are of.
        var names = classes is { Labels: null } ? classes.Classes : null;
        if (Directory.Exists(path))
        {
            _table.RefuseFor(parsed, "a folder of folders");
            return LabelledImages.FromFolders(path);
        }
        if (path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
        {
            _table.RefuseFor(parsed, "shards");
            return LabelledImages.FromShards(path, names, cancellationToken);
        }
        if (!File.Exists(path) && !path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) throw new FileNotFoundException($"There is no folder or list {path}.", path);
        var named = parsed.GetValue(_named);
        if (named && names is null) throw new UsageException("--named goes with --classes, the names of all classes.");
        return LabelledImages.FromFile(path, named ? names : null, _table.Read(parsed) with { ImageFolder = parsed.GetValue(_images) });
    }
}
