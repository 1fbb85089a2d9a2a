using Spectre.Console;
using Spectre.Console.Rendering;

namespace AltClip.Cli;

/// <summary>Names with what is said of each: in a column beside them, or where a terminal is too narrow for that, behind or below.</summary>
/// <param name="facts">The names and what is said.</param>
internal sealed class FactList(IReadOnlyList<(string Name, string Said)> facts) : IRenderable
{
    /// <summary>Sentences are read badly in lines that are shorter.</summary>
    private const int LeastBeside = 50;

    private const string Between = "  ";

    private static readonly Style Bold = new(decoration: Decoration.Bold);

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        var widest = facts.Max(fact => fact.Name.GetCellWidth());
        var beside = maxWidth - widest - Between.Length;
        return facts.SelectMany(fact => beside < LeastBeside ? Below(fact, maxWidth) : Beside(fact, widest, beside));
    }

    private static IEnumerable<Segment> Below((string Name, string Said) fact, int width)
    {
        string[] names = [.. Sentence.Lines(fact.Name, width)];
        foreach (var name in names[..^1])
        {
            yield return new(name, Bold);
            yield return Segment.LineBreak;
        }
        yield return new(names[^1], Bold);
        var fits = fact.Name.GetCellWidth() + Between.Length + fact.Said.GetCellWidth() <= width;
        if (!fits) yield return Segment.LineBreak;
        var indentation = fits ? "" : fact.Name[..^fact.Name.TrimStart(' ').Length];
        foreach (var line in Sentence.Lines(indentation + Between + fact.Said, width))
        {
            yield return new(line);
            yield return Segment.LineBreak;
        }
    }

    private static IEnumerable<Segment> Beside((string Name, string Said) fact, int names, int width)
    {
        yield return new(fact.Name, Bold);
        var at = fact.Name.GetCellWidth();
        foreach (var line in Sentence.Lines(fact.Said, width))
        {
            yield return Segment.Padding(names - at + Between.Length);
            yield return new(line);
            yield return Segment.LineBreak;
            at = 0;
        }
    }
}
