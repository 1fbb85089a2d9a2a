namespace AltClip.Training.Evaluation;

/// <summary>Lays texts out in columns.</summary>
internal static class TextColumns
{
    /// <summary>What stands between two columns.</summary>
    public const string Between = "  ";

    /// <summary>A line for each row, with columns of their widest cell's width.</summary>
    /// <param name="rows">The cells, in each row as many.</param>
    /// <param name="width">How wide a cell is where it is shown.</param>
    /// <param name="isRight">Whether the cells of a column, from 0, stand to the right.</param>
    public static IReadOnlyList<string> Lines(IReadOnlyList<IReadOnlyList<string>> rows, Func<string, int> width, Func<int, bool> isRight)
    {
        var columns = Enumerable.Range(0, rows[0].Count).Select(column => (Width: rows.Max(row => width(row[column])), IsRight: isRight(column))).ToList();
        return [.. rows.Select(row => string.Join(Between, row.Zip(columns, Padded)).TrimEnd())];

        string Padded(string cell, (int Width, bool IsRight) column)
        {
            var blanks = new string(' ', column.Width - width(cell));
            return column.IsRight ? blanks + cell : cell + blanks;
        }
    }
}
