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
}
