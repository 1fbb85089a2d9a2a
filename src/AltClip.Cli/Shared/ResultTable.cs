using AltClip.Training.Evaluation;
using Spectre.Console;

namespace AltClip.Cli;

/// <summary>Results in columns, or, where the terminal is too narrow for them, each row as lines of its own.</summary>
internal static class ResultTable
{
    private const string Between = TextColumns.Between;

    /// <summary>Writes a table. Columns of numbers stand to the right; a header without names is left out.</summary>
    public static void Write(CliConsole console, IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var hasNames = header.Any(name => name.Length > 0);
        var lines = TextColumns.Lines(hasNames ? [header, .. rows] : rows, Width, column => rows.All(row => IsNumber(row[column])));
        if (lines.Any(line => Width(line) > console.Results.Profile.Width))
        {
            foreach (var row in rows) WriteLines(console, header, row);
            return;
        }
        foreach (var line in lines) console.Out.WriteLine(line);
    }

    /// <summary>The row under its first cell, a line each of the others that says something.</summary>
    private static void WriteLines(CliConsole console, IReadOnlyList<string> header, IReadOnlyList<string> row)
    {
        console.Out.WriteLine(header[0].Length > 0 ? $"{header[0]}: {row[0]}" : row[0]);
        var widest = header.Skip(1).Max(Width);
        foreach (var (name, cell) in header.Zip(row).Skip(1).Where(pair => pair.Second.Length > 0))
            console.Out.WriteLine($"{Between}{(name.Length > 0 ? name + new string(' ', widest - Width(name)) + Between : "")}{cell}");
    }

    private static int Width(string cell) => cell.GetCellWidth();

    private static bool IsNumber(string cell) => cell.Length == 0 || (cell[0] == '-' || char.IsAsciiDigit(cell[0])) && !cell.Contains(' ');
}
