using System.Collections.ObjectModel;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip.Pipeline;

/// <summary>The labels of a picture, which notebooks show as bars.</summary>
/// <param name="labels">The most probable first.</param>
[TypeFormatterSource(typeof(LabelBars))]
internal sealed class LabelProbabilities(IList<LabelProbability> labels) : ReadOnlyCollection<LabelProbability>(labels);
