using System.CommandLine;
using AltClip.Training.Data;

namespace AltClip.Cli.Commands;

/// <summary>The options that say how a table of captions is written.</summary>
internal sealed class CaptionTableOptions
{
    private readonly Option<string?> _imageColumn = new("--image-column") { Description = "The column of the pictures' paths. Default: image, file_name, filepath, image_path or file.", HelpName = "NAME" };
    private readonly Option<string[]> _captionColumns = new("--caption-column")
    {
        Description = "The columns of captions. Default: caption, captions, text or title.",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<string?> _delimiter = new("--delimiter") { Description = "What stands between fields: a character, or tab. Default: by the file's extension.", HelpName = "CHARACTER" };
    private readonly Option<string?> _format = new("--format") { Description = "How the captions are written. Default: by the file's extension." };
    private readonly Option<bool> _noHeader = new("--no-header") { Description = "The first line is an example too; columns are called 0, 1, and so on." };

    public CaptionTableOptions()
    {
        _format.AcceptOnlyFromAmong("tsv", "csv", "jsonl");
        _delimiter.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && Delimiter(text) is null)
                result.AddError($"--delimiter is '{text}'; expected one character, or tab.");
        });
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _imageColumn, _captionColumns, _delimiter, _format, _noHeader }) command.Add(option);
    }

    /// <summary>How the table is read.</summary>
    public CaptionedImagesOptions Read(ParseResult parsed) => new()
    {
        ImageColumn = parsed.GetValue(_imageColumn),
        CaptionColumns = parsed.GetValue(_captionColumns) is { Length: > 0 } columns ? columns : null,
        Delimiter = parsed.GetValue(_delimiter) is { } text ? Delimiter(text) : null,
        Format = parsed.GetValue(_format) switch
        {
            "tsv" => TableFormat.Tsv,
            "csv" => TableFormat.Csv,
            "jsonl" => TableFormat.JsonLines,
            _ => TableFormat.ByExtension,
        },
        HasHeader = !parsed.GetValue(_noHeader),
    };

    private static char? Delimiter(string text) => text switch
    {
        "tab" or "\\t" => '\t',
        [var one] when one is not ('"' or '\r' or '\n') => one,
        _ => null,
    };
}
