using Spectre.Console;

namespace AltClip.Cli;

/// <summary>Results in columns, or, where the terminal is too narrow for them, each row as lines of its own.</summary>
internal static class ResultTable
{
    private const string Between = "  ";

    /// <summary>Writes a table. Columns of numbers stand to the right; a header without names is left out.</summary>
    public static void Write(CliConsole console, IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var columns = Enumerable.Range(0, header.Count).Select(column => rows.Select(row => row[column]).ToList()).ToList();
        int[] widths = [.. columns.Select((cells, column) => cells.Append(header[column]).Max(cell => cell.GetCellWidth()))];
        if (widths.Sum() + Between.Length * (widths.Length - 1) > console.Results.Profile.Width)
        {
            foreach (var row in rows) WriteLines(console, header, row);
            return;
        }
        bool[] areNumbers = [.. columns.Select(cells => cells.All(IsNumber))];
        foreach (var row in header.Any(name => name.Length > 0) ? rows.Prepend(header) : rows)
            console.Out.WriteLine(string.Join(Between, row.Select((cell, column) => Padded(cell, widths[column], areNumbers[column]))).TrimEnd());
    }

    /// <summary>The row under its first cell, a line each of the others that says something.</summary>
    private static void WriteLines(CliConsole console, IReadOnlyList<string> header, IReadOnlyList<string> row)
    {
        console.Out.WriteLine(header[0].Length > 0 ? $"{header[0]}: {row[0]}" : row[0]);
        var widest = header.Skip(1).Max(name => name.GetCellWidth());
        foreach (var (name, cell) in header.Zip(row).Skip(1).Where(pair => pair.Second.Length > 0))
            console.Out.WriteLine($"{Between}{(name.Length > 0 ? Padded(name, widest, right: false) + Between : "")}{cell}");
    }

    private static bool IsNumber(string cell) => cell.Length == 0 || (cell[0] == '-' || char.IsAsciiDigit(cell[0])) && !cell.Contains(' ');

    private static string Padded(string cell, int width, bool right)
    {
        var blanks = new string(' ', width - cell.GetCellWidth());
        return right ? blanks + cell : cell + blanks;
    }
}
