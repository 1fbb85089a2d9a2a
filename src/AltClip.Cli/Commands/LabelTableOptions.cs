using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary>The options that say how a list of pictures with their classes is written.</summary>
internal sealed class LabelTableOptions : TableReadingOptions
{
    private readonly Option<string?> _labelColumn;

    public LabelTableOptions() : this(new Option<string?>("--label-column") { Description = "The column of classes. Default: label, class or target.", HelpName = "NAME" })
    {
    }

    private LabelTableOptions(Option<string?> labelColumn) : base(labelColumn, [], "How the list is written. Default: by the file's extension.") => _labelColumn = labelColumn;

    /// <summary>How the list is read.</summary>
    public LabelledImagesOptions Read(ParseResult parsed) => Read(parsed, new LabelledImagesOptions
    {
        ImageColumn = ImageColumn(parsed),
        LabelColumn = parsed.GetValue(_labelColumn),
    });
}
