namespace AltClip.Training.Evaluation;

/// <summary>A result as a table.</summary>
/// <param name="Header">The columns' names.</param>
/// <param name="Rows">The cells, a list a row.</param>
/// <param name="Below">A line that stands below; empty for none.</param>
internal sealed record ReportTable(IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows, string Below = "")
{
    /// <summary>Columns of their widest cell's width, the first to the left and the others to the right.</summary>
    public override string ToString()
    {
        var lines = TextColumns.Lines([Header, .. Rows], cell => cell.Length, column => column > 0);
        return string.Join("\n", Below.Length > 0 ? lines.Append(Below) : lines) + "\n";
    }
}
