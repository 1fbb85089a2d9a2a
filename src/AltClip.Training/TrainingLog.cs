using System.Globalization;
using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Training;

/// <summary>
/// Writes a line for each step to a file: CSV if its name ends in <c>.csv</c>, else a JSON object a line. When a run goes on from a
/// checkpoint, lines of steps that are taken again are replaced.
/// </summary>
/// <example>
/// <code>
/// using (var log = new TrainingLog("run.csv")) trainer.Run(log);
/// LossCurve.SavePng("run.png", TrainingLog.Read("run.csv"));
/// </code>
/// </example>
public sealed class TrainingLog : IProgress<TrainingProgress>, IDisposable
{
    private const string Header = "step,loss,gradient_norm,learning_rate,seconds,evaluation";

    private readonly string _path;
    private readonly bool _csv;
    private StreamWriter? _writer;

    /// <summary>Prepares a log; the file is opened at the first report.</summary>
    /// <param name="path">The file.</param>
    public TrainingLog(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (_path, _csv) = (path, IsCsv(path));
    }

    /// <summary>Also called with each report, such as to print it; null for nothing.</summary>
    public Action<TrainingProgress>? Also { get; init; }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be read or written.</exception>
    /// <exception cref="FormatException">The file is there and is no such log.</exception>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _writer ??= Open(value.Step);
        _writer.WriteLine(_csv ? CsvLine(value) : JsonLine(value));
        _writer.Flush();
        Also?.Invoke(value);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _writer?.Dispose();

    /// <summary>Reads a log; a last line that a killed process left unfinished is left out.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A point for each step, in order.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="FormatException">A line is no such point; the message has its number.</exception>
    public static IReadOnlyList<TrainingLogPoint> Read(string path) =>
        new TrainingLogPoints([.. Lines(path).Select(line => line.Point)]);

    private StreamWriter Open(long firstStep)
    {
        var kept = File.Exists(_path) ? Lines(_path).TakeWhile(line => line.Point.Step < firstStep).Select(line => line.Text).ToList() : [];
        if (_csv) kept.Insert(0, Header);
        StagedFiles.WriteText(_path, string.Concat(kept.Select(line => line + "\n")));
        return new StreamWriter(_path, append: true) { NewLine = "\n" };
    }

    private static List<(string Text, TrainingLogPoint Point)> Lines(string path)
    {
        var text = File.ReadAllText(path);
        var finished = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var points = new List<(string, TrainingLogPoint)>();
        for (var i = 0; i < finished.Length; i++)
        {
            if (IsCsv(path) && i == 0 && finished[i] == Header) continue;
            points.Add((finished[i], Parse(finished[i]) ?? throw new FormatException(
                $"'{path}', line {i + 1}: '{finished[i]}'; expected {(IsCsv(path) ? Header : "an object with " + Header)}.")));
        }
        return points;

        TrainingLogPoint? Parse(string line) => IsCsv(path) ? FromCsv(line) : FromJson(line);
    }

    private static string CsvLine(TrainingProgress p) => string.Create(
        CultureInfo.InvariantCulture, $"{p.Step},{p.Loss:R},{p.GradientNorm:R},{p.LearningRate:R},{p.Elapsed.TotalSeconds:f3},{p.Evaluation:R}");

    private static string JsonLine(TrainingProgress p) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"step":{{p.Step}},"loss":{{p.Loss:R}},"gradient_norm":{{p.GradientNorm:R}},"learning_rate":{{p.LearningRate:R}},"seconds":{{p.Elapsed.TotalSeconds:f3}},"evaluation":{{JsonNumber(p.Evaluation)}}}""");

    // JSON has no NaN and no infinities; System.Text.Json calls them so, as text.
    private static string JsonNumber(double? number) => number is not { } value ? "null"
        : double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture)
        : $"\"{value.ToString(CultureInfo.InvariantCulture)}\"";

    private static TrainingLogPoint? FromCsv(string line)
    {
        var fields = line.Split(',');
        if (fields.Length != 6 || !long.TryParse(fields[0], CultureInfo.InvariantCulture, out var step)) return null;
        var numbers = fields[1..].Select(field => double.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : (double?)null).ToArray();
        return numbers.AsSpan(..4).Contains(null) || (numbers[4] is null && fields[5].Length > 0)
            ? null : new(step, numbers[0]!.Value, numbers[1]!.Value, numbers[2]!.Value, numbers[4]);
    }

    private static TrainingLogPoint? FromJson(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var o = document.RootElement;
            var evaluation = o.GetProperty("evaluation");
            return new(
                o.GetProperty("step").GetInt64(), o.GetProperty("loss").GetDouble(), o.GetProperty("gradient_norm").GetDouble(),
                o.GetProperty("learning_rate").GetDouble(), evaluation.ValueKind switch
                {
                    JsonValueKind.Null => null,
                    JsonValueKind.String => double.Parse(evaluation.GetString()!, CultureInfo.InvariantCulture),
                    _ => evaluation.GetDouble(),
                });
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static bool IsCsv(string path) => path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
}
