namespace AltClip.Training;

/// <summary>Where a run's steps and losses lie in a picture.</summary>
internal sealed class LossAxes
{
    private readonly int _margin;
    private readonly double _width;
    private readonly double _bottom;
    private readonly double _height;

    /// <summary>Axes that have room for all steps, losses and evaluations.</summary>
    /// <param name="points">The steps in order, at least one.</param>
    /// <param name="width">The picture's width in pixels.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="margin">The room for numbers to the left and below, in pixels; half of it is left on the other sides.</param>
    public LossAxes(IReadOnlyList<TrainingLogPoint> points, int width, int height, int margin)
    {
        double[] values = [.. points.SelectMany(point => new[] { point.Loss, point.Evaluation ?? double.NaN }).Where(double.IsFinite)];
        (Low, High) = values.Length == 0 ? (0, 1) : (values.Min(), values.Max());
        if (High <= Low) High = Low + 1;
        (First, Last) = (points[0].Step, Math.Max(points[^1].Step, points[0].Step + 1));
        (_margin, _width, _bottom, _height) = (margin, width - 1.5 * margin, height - margin, height - 1.5 * margin);
    }

    /// <summary>The lowest loss.</summary>
    public double Low { get; }

    /// <summary>The highest loss.</summary>
    public double High { get; }

    /// <summary>The first step.</summary>
    public long First { get; }

    /// <summary>The last step.</summary>
    public long Last { get; }

    /// <summary>The pixel of a step, from the left.</summary>
    public double X(double step) => _margin + (step - First) / (Last - First) * _width;

    /// <summary>The pixel of a loss, from the top.</summary>
    public double Y(double loss) => _bottom - (loss - Low) / (High - Low) * _height;

    /// <summary>Steps and losses at equal distances, with numbers to be written beside.</summary>
    public IEnumerable<(double Step, double Loss)> Ticks(int count) =>
        Enumerable.Range(0, count + 1).Select(i => (First + (Last - First) * (double)i / count, Low + (High - Low) * i / count));
}
