using System.Collections.ObjectModel;
using Microsoft.DotNet.Interactive.Formatting;

namespace AltClip.Training;

/// <summary>The steps of a run, which notebooks show as a curve.</summary>
/// <param name="points">The steps in order.</param>
[TypeFormatterSource(typeof(LossCurveView))]
internal sealed class TrainingLogPoints(IList<TrainingLogPoint> points) : ReadOnlyCollection<TrainingLogPoint>(points);
