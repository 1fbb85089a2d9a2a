using AltClip.Shared.Notebooks;

namespace AltClip.Training;

/// <summary>Draws a run's loss as <see cref="LossCurve"/> does: every step faintly, their running mean, and evaluations as dots.</summary>
internal sealed class LossCurveView : HtmlView<TrainingLogPoints>
{
    private const int Width = 640;
    private const int Height = 280;
    private const int Margin = 44;
    private const int Ticks = 4;
    private const int MostPoints = 1000;

    /// <inheritdoc/>
    protected override void Write(TrainingLogPoints value, HtmlWriter html)
    {
        if (value.Count == 0)
        {
            html.Write($"<em>No steps yet.</em>");
            return;
        }
        var axes = new LossAxes(value, Width, Height, Margin);
        html.Write($"<figure style=\"margin:4px\"><svg role=\"img\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" ");
        html.Write($"style=\"max-width:100%;height:auto\" fill=\"none\" stroke=\"currentColor\" font-size=\"11\">");
        html.Write($"<title>Loss of steps {value[0].Step} to {value[^1].Step}</title>");
        foreach (var (step, loss) in axes.Ticks(Ticks))
        {
            var (x, y) = (axes.X(step), axes.Y(loss));
            html.Write($"<path stroke-opacity=\".15\" d=\"M{axes.X(axes.First):0.#} {y:0.#}H{axes.X(axes.Last):0.#}");
            html.Write($"M{x:0.#} {axes.Y(axes.Low):0.#}V{axes.Y(axes.High):0.#}\"/><g stroke=\"none\" fill=\"currentColor\">");
            html.Write($"<text text-anchor=\"end\" x=\"{Margin - 6}\" y=\"{y + 4:0.#}\">{loss:0.###}</text>");
            html.Write($"<text text-anchor=\"middle\" x=\"{x:0.#}\" y=\"{Height - Margin + 18}\">{step:0}</text></g>");
        }
        html.Write($"<path stroke-opacity=\".4\" d=\"");
        Line(html, value.Select(point => (axes.X(point.Step), axes.Y(point.Loss))));
        html.Write($"\"/><path stroke=\"#3b82f6\" stroke-width=\"2\" d=\"");
        Line(html, value.Zip(LossCurve.RunningMean(value), (point, mean) => (axes.X(point.Step), axes.Y(mean))));
        html.Write($"\"/>");
        foreach (var point in value.Where(point => point.Evaluation is { } evaluation && double.IsFinite(evaluation)))
            html.Write($"<circle stroke=\"none\" fill=\"#e5484d\" r=\"3.5\" cx=\"{axes.X(point.Step):0.#}\" cy=\"{axes.Y(point.Evaluation!.Value):0.#}\"/>");
        html.Write($"</svg><figcaption>step {value[^1].Step}: loss {value[^1].Loss:0.####}</figcaption></figure>");
    }

    /// <summary>A line with gaps where a loss is no number; of long runs every n-th point.</summary>
    private static void Line(HtmlWriter html, IEnumerable<(double X, double Y)> points)
    {
        List<(double X, double Y)> all = [.. points];
        var every = (all.Count + MostPoints - 1) / MostPoints;
        var drawing = false;
        for (var i = 0; i < all.Count; i += every)
        {
            var finite = double.IsFinite(all[i].Y);
            if (finite) html.Write($"{(drawing ? "L" : "M")}{all[i].X:0.#} {all[i].Y:0.#}");
            drawing = finite;
        }
    }
}
