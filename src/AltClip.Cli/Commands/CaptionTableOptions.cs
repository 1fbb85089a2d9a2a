using System.CommandLine;
using AltClip.Training.Data;

namespace AltClip.Cli.Commands;

/// <summary>The options that say how a table of captions is written.</summary>
internal sealed class CaptionTableOptions : TableReadingOptions
{
    private readonly Option<string[]> _captionColumns;

    public CaptionTableOptions(string[]? formats = null, string description = "How the captions are written. Default: by the file's extension.")
        : this(new Option<string[]>("--caption-column")
        {
            Description = "The columns of captions. Default: caption, captions, text or title.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        }, formats ?? [], description)
    {
    }

    private CaptionTableOptions(Option<string[]> captionColumns, string[] formats, string description) : base(captionColumns, formats, description) =>
        _captionColumns = captionColumns;

    /// <summary>How the table of texts with translations is read that there is in its place for a teacher.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="columns">The columns.</param>
    public ParallelTextsOptions ReadTexts(ParseResult parsed, ParallelTextsOptions columns) => Read(parsed, columns);

    /// <summary>How the table is read.</summary>
    public CaptionedImagesOptions Read(ParseResult parsed) => Read(parsed, new CaptionedImagesOptions
    {
        ImageColumn = ImageColumn(parsed),
        CaptionColumns = parsed.GetValue(_captionColumns) is { Length: > 0 } columns ? columns : null,
    });
}
