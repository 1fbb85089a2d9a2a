using AltClip.Imaging;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip.Training.Evaluation;

/// <summary>The result of a zero-shot classification.</summary>
[TypeFormatterSource(typeof(ClassificationReportView))]
public sealed class ZeroShotReport : ClassificationReport
{
    internal ZeroShotReport(IReadOnlyList<ClassAccuracy> classes, IReadOnlyList<SkippedImage> skipped) : base(classes, skipped)
    {
    }
}
