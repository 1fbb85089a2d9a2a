using Spectre.Console;
using Spectre.Console.Rendering;

namespace AltClip.Cli;

/// <summary>
/// Text on as many lines as a terminal's width takes, broken between words only. A path or an address that is longer than a line stays in one piece: the terminal breaks
/// it where it is shown, and not where it is copied.
/// </summary>
/// <param name="text">The text; its own lines stay, and what goes on with one begins below its first word.</param>
/// <param name="style">How it looks.</param>
internal sealed class Sentence(string text, Style style) : IRenderable
{
    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
        Lines(text, maxWidth).SelectMany(line => new[] { new Segment(line, style), Segment.LineBreak });

    /// <summary>The lines of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">How many cells a line has.</param>
    public static IEnumerable<string> Lines(string text, int width) => text.ReplaceLineEndings("\n").Split('\n').SelectMany(line => Broken(line, width));

    private static IEnumerable<string> Broken(string text, int width)
    {
        if (text.GetCellWidth() <= width) return [text];
        var words = text.TrimStart(' ');
        var indentation = text[..^words.Length];
        List<string> lines = [];
        foreach (var word in words.Split(' '))
        {
            if (lines.Count > 0 && lines[^1].GetCellWidth() + 1 + word.GetCellWidth() <= width) lines[^1] += ' ' + word;
            else lines.Add(indentation + word);
        }
        return lines;
    }
}
