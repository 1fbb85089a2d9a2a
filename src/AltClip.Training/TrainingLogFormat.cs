using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AltClip.Training;

/// <summary>How the lines of a <see cref="TrainingLog"/> are written and read.</summary>
internal abstract class TrainingLogFormat
{
    /// <summary>What each line has.</summary>
    public static readonly string[] Names = ["step", "loss", "gradient_norm", "learning_rate", "seconds", "evaluation"];

    /// <summary>The lines before the first step's.</summary>
    public virtual IEnumerable<string> Head => [];

    /// <summary>What a line is, for errors.</summary>
    public abstract string Description { get; }

    /// <summary>The format of a file of this name.</summary>
    public static TrainingLogFormat Of(string path) => path.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? new Csv([]) : new Json();

    /// <summary>Whether a point's numbers all have their place.</summary>
    public virtual bool Has(TrainingLogPoint point) => true;

    /// <summary>The format in which they have.</summary>
    public virtual TrainingLogFormat With(TrainingLogPoint point) => this;

    /// <summary>Whether a line is the one before the first step's, and which format it says.</summary>
    public virtual bool ReadHead(string line, out TrainingLogFormat format)
    {
        format = this;
        return false;
    }

    public abstract string Line(TrainingLogPoint point, double seconds);

    /// <summary>Reads a line; null if it is none.</summary>
    public abstract (TrainingLogPoint Point, double Seconds)? Parse(string line);

    /// <param name="metrics">The columns after those that each line has.</param>
    private sealed class Csv(IReadOnlyList<string> metrics) : TrainingLogFormat
    {
        public override IEnumerable<string> Head => [string.Join(',', Names.Concat(metrics))];

        public override string Description => Head.Single();

        public override bool Has(TrainingLogPoint point) => point.Metrics.Keys.All(metrics.Contains);

        public override TrainingLogFormat With(TrainingLogPoint point) => new Csv([.. metrics.Union(point.Metrics.Keys)]);

        public override bool ReadHead(string line, out TrainingLogFormat format)
        {
            var columns = line.Split(',');
            var isHead = columns.Take(Names.Length).SequenceEqual(Names);
            format = isHead ? new Csv(columns[Names.Length..]) : this;
            return isHead;
        }

        public override string Line(TrainingLogPoint p, double seconds) => string.Create(
            CultureInfo.InvariantCulture, $"{p.Step},{p.Loss:R},{p.GradientNorm:R},{p.LearningRate:R},{seconds:f3},{p.Evaluation:R}")
            + string.Concat(metrics.Select(name => "," + (p.Metrics.TryGetValue(name, out var value) ? value.ToString("R", CultureInfo.InvariantCulture) : "")));

        public override (TrainingLogPoint Point, double Seconds)? Parse(string line)
        {
            var fields = line.Split(',');
            if (fields.Length != Names.Length + metrics.Count || !long.TryParse(fields[0], CultureInfo.InvariantCulture, out var step)) return null;
            var numbers = fields[1..].Select(field => double.TryParse(field, CultureInfo.InvariantCulture, out var number) ? number : (double?)null).ToArray();
            if (numbers.AsSpan(..4).Contains(null) || numbers.Skip(4).Zip(fields.Skip(5)).Any(pair => pair is { First: null, Second.Length: > 0 })) return null;
            var measured = metrics.Zip(numbers.Skip(5)).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => pair.Second!.Value);
            return (
                new(step, numbers[0]!.Value, numbers[1]!.Value, numbers[2]!.Value, numbers[4]) { Metrics = measured.Count == 0 ? TrainingLogPoint.NoMetrics : measured },
                numbers[3]!.Value);
        }
    }

    private sealed class Json : TrainingLogFormat
    {
        public override string Description => "an object with " + string.Join(',', Names);

        public override string Line(TrainingLogPoint p, double seconds)
        {
            var metrics = p.Metrics.Count == 0 ? "" : $$""","metrics":{{{string.Join(',', p.Metrics.Select(m => $"{JsonValue.Create(m.Key).ToJsonString()}:{Number(m.Value)}"))}}}""";
            return string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"step":{{p.Step}},"loss":{{p.Loss:R}},"gradient_norm":{{p.GradientNorm:R}},"learning_rate":{{p.LearningRate:R}},"seconds":{{seconds:f3}},"evaluation":{{Number(p.Evaluation)}}{{metrics}}}""");
        }

        public override (TrainingLogPoint Point, double Seconds)? Parse(string line)
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                var o = document.RootElement;
                var evaluation = o.GetProperty("evaluation");
                var point = new TrainingLogPoint(
                    o.GetProperty("step").GetInt64(), o.GetProperty("loss").GetDouble(), o.GetProperty("gradient_norm").GetDouble(),
                    o.GetProperty("learning_rate").GetDouble(), evaluation.ValueKind == JsonValueKind.Null ? null : Number(evaluation))
                {
                    Metrics = o.TryGetProperty("metrics", out var metrics)
                        ? metrics.EnumerateObject().ToDictionary(member => member.Name, member => Number(member.Value)) : TrainingLogPoint.NoMetrics,
                };
                return (point, o.GetProperty("seconds").GetDouble());
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                return null;
            }
        }

        // JSON has no NaN and no infinities; System.Text.Json calls them so, as text.
        private static string Number(double? number) => number is not { } value ? "null"
            : double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture)
            : $"\"{value.ToString(CultureInfo.InvariantCulture)}\"";

        private static double Number(JsonElement element) =>
            element.ValueKind == JsonValueKind.String ? double.Parse(element.GetString()!, CultureInfo.InvariantCulture) : element.GetDouble();
    }
}
