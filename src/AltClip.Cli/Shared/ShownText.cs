using Spectre.Console;
using Spectre.Console.Rendering;

namespace AltClip.Cli;

/// <summary>Makes <see cref="TerminalText"/> of all that a console draws; what Spectre.Console says to the terminal itself stays.</summary>
internal sealed class ShownText : IRenderHook
{
    public IEnumerable<IRenderable> Process(RenderOptions options, IEnumerable<IRenderable> renderables) => renderables.Select(drawn => new Shown(drawn));

    private sealed class Shown(IRenderable drawn) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => drawn.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => drawn.Render(options, maxWidth).Select(
            part => part.IsControlCode || part.IsLineBreak ? part : new Segment(TerminalText.Shown(part.Text), part.Style));
    }
}
