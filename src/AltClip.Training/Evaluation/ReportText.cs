using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AltClip.Training.Evaluation;

/// <summary>How results are written.</summary>
internal static class ReportText
{
    /// <summary>Indented, and with letters of all languages as they are.</summary>
    public static JsonSerializerOptions Json { get; } = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Percent(double? part) => part is { } number ? (100 * number).ToString("F2", CultureInfo.InvariantCulture) : "-";

    /// <summary>Columns of their widest cell's width, the first to the left and the others to the right.</summary>
    public static string Table(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        int[] widths = [.. header.Select((name, column) => rows.Max(row => Math.Max(row[column].Length, name.Length)))];
        var lines = rows.Prepend(header).Select(row => string.Join(
            "  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        return string.Join("\n", lines) + "\n";
    }
}
