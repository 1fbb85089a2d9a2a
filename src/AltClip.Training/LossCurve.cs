using System.Globalization;
using AltClip.Shared;
using SkiaSharp;

namespace AltClip.Training;

/// <summary>Draws how a training run's loss went: every step, its running mean, and evaluations.</summary>
public static class LossCurve
{
    private const int Margin = 56;
    private const int Ticks = 5;
    private const double Smoothing = 0.95;

    /// <summary>Writes a PNG: steps to the right, losses up, grey each step's, blue their running mean, red dots evaluations.</summary>
    /// <param name="path">The file, written beside under another name and then moved.</param>
    /// <param name="points">The steps in order, at least one; see <see cref="TrainingLog.Read"/>.</param>
    /// <param name="width">The picture's width in pixels, at least 200.</param>
    /// <param name="height">The picture's height in pixels, at least 150.</param>
    /// <exception cref="ArgumentException">There are no points, or the picture is too small.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SavePng(string path, IReadOnlyList<TrainingLogPoint> points, int width = 960, int height = 540)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(points);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 200);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 150);
        if (points.Count == 0) throw new ArgumentException("There are no points; expected one at least.", nameof(points));
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using (var canvas = new SKCanvas(bitmap))
        {
            canvas.Clear(SKColors.White);
            Draw(canvas, points, width, height);
        }
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        using var staged = new StagedFiles();
        using (var stream = staged.Create(path)) png.SaveTo(stream);
        staged.Commit();
    }

    private static void Draw(SKCanvas canvas, IReadOnlyList<TrainingLogPoint> points, int width, int height)
    {
        var axes = new LossAxes(points, width, height, Margin);
        float X(double step) => (float)axes.X(step);
        float Y(double value) => (float)axes.Y(value);

        using var grid = Pen(new SKColor(224, 224, 224), 1);
        foreach (var (step, value) in axes.Ticks(Ticks))
        {
            canvas.DrawLine(X(axes.First), Y(value), X(axes.Last), Y(value), grid);
            canvas.DrawLine(X(step), Y(axes.Low), X(step), Y(axes.High), grid);
            Digits.Draw(canvas, value.ToString("0.###", CultureInfo.InvariantCulture), Margin - 8, Y(value), rightAligned: true);
            Digits.Draw(canvas, ((long)step).ToString(CultureInfo.InvariantCulture), X(step), height - Margin + 16, rightAligned: false);
        }
        using var each = Pen(new SKColor(190, 190, 190), 1);
        using var mean = Pen(new SKColor(31, 95, 180), 2);
        Line(canvas, each, points.Select(point => (X(point.Step), Y(point.Loss))));
        Line(canvas, mean, points.Zip(RunningMean(points), (point, value) => (X(point.Step), Y(value))));
        using var dot = new SKPaint { Color = new SKColor(200, 40, 40), IsAntialias = true };
        foreach (var point in points.Where(point => point.Evaluation is { } value && double.IsFinite(value)))
            canvas.DrawCircle(X(point.Step), Y(point.Evaluation!.Value), 3.5f, dot);
    }

    /// <summary>The mean of the steps so far, in which each weighs less than the next.</summary>
    internal static IEnumerable<double> RunningMean(IReadOnlyList<TrainingLogPoint> points)
    {
        var (sum, weight) = (0.0, 0.0);
        foreach (var point in points)
        {
            (sum, weight) = (sum * Smoothing + point.Loss, weight * Smoothing + 1);
            yield return sum / weight;
        }
    }

    private static void Line(SKCanvas canvas, SKPaint pen, IEnumerable<(float X, float Y)> points)
    {
        var previous = default((float X, float Y)?);
        foreach (var point in points)
        {
            if (previous is { } from) canvas.DrawLine(from.X, from.Y, point.X, point.Y, pen);
            previous = float.IsFinite(point.Y) ? point : null;
        }
    }

    private static SKPaint Pen(SKColor color, float width) => new() { Color = color, StrokeWidth = width, IsStroke = true, IsAntialias = true };

    /// <summary>Numbers without a font, of which a server may have none: each digit as three columns of five dots.</summary>
    private static class Digits
    {
        private const float Dot = 2;
        private const string Characters = "0123456789.-";
        private static readonly int[] Rows = [0x7B6F, 0x2C97, 0x73E7, 0x73CF, 0x5BC9, 0x79CF, 0x79EF, 0x7249, 0x7BEF, 0x7BCF, 0x0002, 0x01C0];

        public static void Draw(SKCanvas canvas, string text, float x, float y, bool rightAligned)
        {
            using var paint = new SKPaint { Color = new SKColor(64, 64, 64) };
            var left = x - text.Length * 4 * Dot * (rightAligned ? 1 : 0.5f);
            foreach (var character in text)
            {
                var rows = Rows[Characters.IndexOf(character, StringComparison.Ordinal)];
                for (var i = 0; i < 15; i++)
                {
                    if ((rows >> (14 - i) & 1) != 0) canvas.DrawRect(left + i % 3 * Dot, y + (i / 3 - 2.5f) * Dot, Dot, Dot, paint);
                }
                left += 4 * Dot;
            }
        }
    }
}
