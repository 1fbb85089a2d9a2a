using System.CommandLine;
using AltClip.Training.Data;

namespace AltClip.Cli.Commands;

/// <summary>The options that say how a table of pictures with something is written.</summary>
internal abstract class TableReadingOptions
{
    private readonly Option<string?> _imageColumn = new("--image-column") { Description = "The column of the pictures or their paths. Default: image, file_name, filepath, image_path or file.", HelpName = "NAME" };
    private readonly DelimiterOption _delimiter = new();
    private readonly Option<string?> _format;
    private readonly Option<bool> _noHeader = new("--no-header") { Description = "The first line is an example too; columns are called 0, 1, and so on." };
    private readonly QuotesOption _noQuotes = new();
    private readonly Option _values;

    /// <summary>The options.</summary>
    /// <param name="values">The option for the other columns.</param>
    /// <param name="formats">What formats there are besides tables.</param>
    /// <param name="description">What <c>--format</c> says.</param>
    protected TableReadingOptions(Option values, string[] formats, string description)
    {
        _values = values;
        _format = new("--format", "-f") { Description = description };
        _format.AcceptOnlyFromAmong([.. formats, "tsv", "csv", "jsonl", "parquet"]);
    }

    public void AddTo(Command command)
    {
        foreach (var option in new[] { _imageColumn, _values, _delimiter, _format, _noHeader, _noQuotes }) command.Add(option);
    }

    /// <summary>What was given for <c>--format</c>.</summary>
    public string? Format(ParseResult parsed) => parsed.GetValue(_format);

    /// <summary>Refuses the table's options for a data set that is no table.</summary>
    /// <exception cref="UsageException">One is given.</exception>
    public void RefuseFor(ParseResult parsed, string what)
    {
        foreach (var option in new[] { _imageColumn, _values, _delimiter, _noHeader, _noQuotes })
            if (parsed.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} is for tables, not for {what}.");
    }

    /// <summary>The name of the pictures' column.</summary>
    protected string? ImageColumn(ParseResult parsed) => parsed.GetValue(_imageColumn);

    /// <summary>Puts what was given into the options.</summary>
    protected T Read<T>(ParseResult parsed, T options) where T : TableOptions => (T)(options with
    {
        Delimiter = _delimiter.Read(parsed),
        Format = parsed.GetValue(_format) switch
        {
            "tsv" => TableFormat.Tsv,
            "csv" => TableFormat.Csv,
            "jsonl" => TableFormat.JsonLines,
            "parquet" => TableFormat.Parquet,
            _ => TableFormat.ByExtension,
        },
        HasHeader = !parsed.GetValue(_noHeader),
        Quoted = !parsed.GetValue(_noQuotes),
    });
}
