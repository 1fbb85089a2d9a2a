using AltClip.Pipeline;
using AltClip.Shared;
using AltClip.Shared.Notebooks;

namespace AltClip.Training.Evaluation;

/// <summary>Shows how well classes were recognised, with a bar for each.</summary>
internal sealed class ClassificationReportView : HtmlView<ClassificationReport>
{
    /// <inheritdoc/>
    protected override void Write(ClassificationReport value, HtmlWriter html)
    {
        html.Write($"<div>{Quantity.Of(value.Count, "picture")}: first class right {value.Top1:P1}, among the first five {value.Top5:P1}</div>");
        LabelBars.Write(
            value.Classes.Where(own => own.Count > 0).Select(own => ($"{own.Name} ({own.Count})", (double)own.Top1 / own.Count)), html);
    }
}
