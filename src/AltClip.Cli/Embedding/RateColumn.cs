using Spectre.Console;
using Spectre.Console.Rendering;

namespace AltClip.Cli;

/// <summary>How many steps are done in a second, of late.</summary>
internal sealed class RateColumn : ProgressColumn
{
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.Speed is { } speed ? $"{speed:N1}/s" : "");
}
