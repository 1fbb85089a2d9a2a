using AltClip.Shared.Notebooks;

namespace AltClip.Training;

/// <summary>Shows where a run is: a bar for the steps, the loss and the time left.</summary>
internal sealed class TrainingProgressView : HtmlView<TrainingProgress>
{
    /// <inheritdoc/>
    protected override void Write(TrainingProgress value, HtmlWriter html)
    {
        html.Write($"<div><progress value=\"{value.Step}\" max=\"{value.Steps}\"></progress> step {value.Step} of {value.Steps}: loss {value.Loss:0.####}");
        if (value.Evaluation is { } evaluation) html.Write($", evaluation {evaluation:0.####}");
        html.Write($", {value.Remaining:hh\\:mm\\:ss} left</div>");
    }
}
