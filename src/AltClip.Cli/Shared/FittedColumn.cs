using Spectre.Console;
using Spectre.Console.Rendering;

namespace AltClip.Cli;

/// <summary>
/// A task's progress on one line of any terminal: what is done, a bar, and parts behind it, of which the later ones are left out where there is no room. Columns
/// of their own would break numbers apart.
/// </summary>
/// <param name="behind">What stands behind the bar.</param>
internal sealed class FittedColumn(params ProgressColumn[] behind) : ProgressColumn
{
    /// <summary>How much of a description is worth more than the parts behind it.</summary>
    private const int MostOfDescription = 12;

    private const int LeastOfBar = 4, MostOfBar = 40;

    private readonly ProgressBarColumn _bar = new();
    // The most that was needed yet, so that nothing moves to and fro.
    private readonly int[] _widths = new int[behind.Length];
    private int _description;

    protected override bool NoWrap => true;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime)
    {
        var description = Markup.Remove(task.Description);
        _description = Math.Max(_description, description.GetCellWidth());
        // Each once for a frame, shown or not: what turns is turned by it.
        var parts = behind.Select(column => column.Render(options, task, deltaTime)).ToArray();
        return new Line(width => Fitted(description, parts, task, options, deltaTime, width));
    }

    private List<Segment> Fitted(string description, IRenderable[] parts, ProgressTask task, RenderOptions options, TimeSpan deltaTime, int width)
    {
        List<Segment>[] texts = [.. parts.Select(part => Segments(part, options, width))];
        for (var i = 0; i < texts.Length; i++) _widths[i] = Math.Max(_widths[i], Segment.CellCount(texts[i]));
        // Of what has neither begun nor an end there is nothing to count.
        var kept = task is { IsIndeterminate: true, Value: 0 } ? 0 : texts.Length;
        int Room() => width - _widths.Take(kept).Sum(part => part + 1);
        while (kept > 0 && Room() < Math.Min(_description, MostOfDescription)) kept--;

        var shown = Math.Min(_description, Room());
        List<Segment> line = [new(Padded(Shortened(description, shown), shown))];
        if (Math.Min(Room() - shown - 1, MostOfBar) is >= LeastOfBar and var bar)
        {
            _bar.Width = bar;
            line.Add(Segment.Padding(1));
            line.AddRange(Segments(_bar.Render(options, task, deltaTime), options, bar));
        }
        for (var i = 0; i < kept; i++)
        {
            line.Add(Segment.Padding(1 + _widths[i] - Segment.CellCount(texts[i])));
            line.AddRange(texts[i]);
        }
        return line;
    }

    private static List<Segment> Segments(IRenderable part, RenderOptions options, int width) => [.. part.Render(options, width).Where(segment => !segment.IsLineBreak)];

    private static string Padded(string text, int width) => text + new string(' ', width - text.GetCellWidth());

    /// <summary>The text if it is no wider, else its beginning and a sign.</summary>
    private static string Shortened(string text, int width)
    {
        if (text.GetCellWidth() <= width) return text;
        var end = text.Length;
        while (end > 0 && (char.IsHighSurrogate(text[end - 1]) || text[..end].GetCellWidth() > width - 1)) end--;
        return width < 1 ? "" : $"{text[..end]}…";
    }

    /// <summary>One line, of all the width that there is.</summary>
    private sealed class Line(Func<int, List<Segment>> render) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => render(maxWidth);
    }
}
