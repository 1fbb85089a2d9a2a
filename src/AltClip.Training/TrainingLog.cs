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
    private readonly string _path;
    private readonly Dictionary<string, double> _measured = [];
    private TrainingLogFormat? _format;
    private StreamWriter? _writer;
    private bool _isDisposed;

    /// <summary>Prepares a log; the file is opened at the first report.</summary>
    /// <param name="path">The file.</param>
    public TrainingLog(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
    }

    /// <summary>Also called with each report, such as to print it; null for nothing.</summary>
    public Action<TrainingProgress>? Also { get; init; }

    /// <summary>
    /// Puts a number into the line of the step that is reported next, as <see cref="TrainerOptions.Evaluate"/> may of what it measured: in
    /// CSV a column of that name, empty in other lines; in JSON a member of <c>metrics</c>.
    /// </summary>
    /// <param name="name">Its name, such as <c>validation/loss</c>.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentException">The name is empty, one of the log's own, or has a comma, a quotation mark or a line break.</exception>
    /// <exception cref="ObjectDisposedException">The log was closed.</exception>
    public void Write(string name, double value)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.AsSpan().ContainsAny(",\"\r\n") || TrainingLogFormat.Names.Contains(name))
            throw new ArgumentException($"The name is '{name}'; expected one that no column has yet, without commas, quotation marks and line breaks.", nameof(name));
        _measured[name] = value;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">The file can't be read or written.</exception>
    /// <exception cref="FormatException">The file is there and is no such log.</exception>
    /// <exception cref="ObjectDisposedException">The log was closed.</exception>
    public void Report(TrainingProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var point = new TrainingLogPoint(value.Step, value.Loss, value.GradientNorm, value.LearningRate, value.Evaluation)
        {
            Metrics = _measured.Count == 0 ? TrainingLogPoint.NoMetrics : new Dictionary<string, double>(_measured),
        };
        // A number that no line had before needs another first line.
        if (_writer is null || !_format!.Has(point)) Open(point);
        _writer!.WriteLine(_format!.Line(point, value.Elapsed.TotalSeconds));
        _writer.Flush();
        _measured.Clear();
        Also?.Invoke(value);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _writer?.Dispose();
    }

    /// <summary>Reads a log; a last line that a killed process left unfinished is left out.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A point for each step, in order.</returns>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="FormatException">A line is no such point; the message has its number.</exception>
    public static IReadOnlyList<TrainingLogPoint> Read(string path) =>
        new TrainingLogPoints([.. Lines(path, out _).Select(line => line.Point)]);

    private void Open(TrainingLogPoint first)
    {
        _writer?.Dispose();
        _writer = null;
        TrainingLogFormat? before = null;
        var kept = File.Exists(_path) ? Lines(_path, out before).TakeWhile(line => line.Point.Step < first.Step).ToList() : [];
        _format = (before ?? TrainingLogFormat.Of(_path)).With(first);
        StagedFiles.WriteText(_path, string.Concat(_format.Head.Concat(kept.Select(line => _format.Line(line.Point, line.Seconds))).Select(line => line + "\n")), isSoleWriter: true);
        _writer = new StreamWriter(_path, append: true) { NewLine = "\n" };
    }

    private static List<(TrainingLogPoint Point, double Seconds)> Lines(string path, out TrainingLogFormat format)
    {
        var text = File.ReadAllText(path);
        var finished = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        format = TrainingLogFormat.Of(path);
        var isHead = finished.Length > 0 && format.ReadHead(finished[0], out format);
        var points = new List<(TrainingLogPoint, double)>();
        for (var i = isHead ? 1 : 0; i < finished.Length; i++)
        {
            points.Add(format.Parse(finished[i]) ?? throw new FormatException($"'{path}', line {i + 1}: '{finished[i]}'; expected {format.Description}."));
        }
        return points;
    }
}
