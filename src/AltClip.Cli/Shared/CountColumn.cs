using Spectre.Console;
using Spectre.Console.Rendering;

namespace AltClip.Cli;

/// <summary>How many steps of how many are done.</summary>
internal sealed class CountColumn : ProgressColumn
{
    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        new Text(task.IsIndeterminate ? $"{task.Value:N0}" : $"{task.Value:N0}/{task.MaxValue:N0}");
}
