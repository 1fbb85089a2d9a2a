using AltClip.Configuration;
using AltClip.Imaging;
using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>The highest cosines of pictures with labels drawn for them, in two halves: one to choose a threshold on, one to measure it on.</summary>
/// <param name="classes">How many classes there are, more than labels a picture.</param>
/// <param name="options">Labels a picture, and the rate asked for.</param>
/// <param name="draws">How often labels are drawn for each picture.</param>
internal sealed class RejectionTrials(int classes, RejectionOptions options, int draws)
{
    private readonly Random _random = new(options.Seed);
    private readonly Half _chosen = new(), _measured = new();

    /// <summary>How many pictures there are.</summary>
    public int Pictures => _chosen.Pictures + _measured.Pictures;

    /// <summary>Adds pictures.</summary>
    /// <param name="similarities">Their cosines with all classes: [pictures, classes].</param>
    /// <param name="labels">The class of each.</param>
    public void Add(Tensor similarities, IReadOnlyList<int> labels)
    {
        foreach (var (row, label) in similarities.to(ScalarType.Float32).ToRows().Zip(labels))
        {
            // Pictures of a class stand side by side mostly, so that both halves have each.
            var half = Pictures % 2 == 0 ? _chosen : _measured;
            half.Pictures++;
            for (var draw = 0; draw < draws; draw++)
            {
                var others = Others(label);
                var wrong = others.Select(other => row[other]).ToArray();
                half.Wrong.Add(wrong.Max());
                half.Right.Add(wrong.SkipLast(1).Append(row[label]).Max());
            }
        }
    }

    /// <summary>Chooses the threshold, and measures it.</summary>
    public RejectionReport Report(string calibratedOn, IReadOnlyList<SkippedImage> skipped)
    {
        var threshold = Choose(_chosen.Wrong);
        return new RejectionReport(
            new RejectionThreshold
            {
                Similarity = threshold,
                FalseAcceptRate = _measured.Wrong.Average(cosine => cosine >= threshold ? 1.0 : 0),
                FalseRejectRate = _measured.Right.Average(cosine => cosine >= threshold ? 0.0 : 1),
                LabelsPerPicture = options.LabelsPerPicture,
                Pictures = _measured.Pictures,
                CalibratedOn = calibratedOn,
            }, _chosen.Pictures, classes, skipped);
    }

    /// <summary>The lowest threshold of four decimals that no more than the part asked for reaches.</summary>
    private float Choose(List<float> wrong)
    {
        var highestRejected = wrong.OrderDescending().ElementAt((int)(options.FalseAcceptRate * wrong.Count));
        return Math.Clamp((float)((Math.Floor(highestRejected * 1e4) + 1) / 1e4), -1, 1);
    }

    private int[] Others(int label)
    {
        var others = new HashSet<int>(options.LabelsPerPicture);
        // Where nearly all classes are wanted, drawing until they are there would take long.
        if (2 * options.LabelsPerPicture > classes)
        {
            int[] all = [.. Enumerable.Range(0, classes).Where(other => other != label)];
            _random.Shuffle(all);
            return all[..options.LabelsPerPicture];
        }
        while (others.Count < options.LabelsPerPicture)
        {
            var other = _random.Next(classes);
            if (other != label) others.Add(other);
        }
        return [.. others];
    }

    private sealed class Half
    {
        public int Pictures { get; set; }

        /// <summary>The highest cosines among wrong labels.</summary>
        public List<float> Wrong { get; } = [];

        /// <summary>The highest where the right label is among them.</summary>
        public List<float> Right { get; } = [];
    }
}
