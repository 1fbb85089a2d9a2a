using static TorchSharp.torch;

namespace AltClip.Training.Evaluation;

/// <summary>How often the right class was among the first, counted so far.</summary>
/// <param name="classes">How many classes there are.</param>
internal sealed class ClassCounts(int classes)
{
    private readonly (long All, long Top1, long Top5)[] _classes = new (long, long, long)[classes];

    /// <summary>The part of pictures whose first class was right.</summary>
    public double Top1 => (double)_classes.Sum(own => own.Top1) / _classes.Sum(own => own.All);

    /// <summary>Counts.</summary>
    /// <param name="scores">floating point [pictures, classes].</param>
    /// <param name="labels">The class of each picture.</param>
    public void Add(Tensor scores, IReadOnlyList<int> labels)
    {
        var rows = scores.ToRows();
        for (var i = 0; i < rows.Length; i++)
        {
            var rank = Ranking.Of(rows[i], labels[i]);
            ref var own = ref _classes[labels[i]];
            own = (own.All + 1, own.Top1 + (rank < 1 ? 1 : 0), own.Top5 + (rank < 5 ? 1 : 0));
        }
    }

    /// <summary>What was counted.</summary>
    /// <param name="names">The names of the classes.</param>
    public IReadOnlyList<ClassAccuracy> ByName(IReadOnlyList<string> names) =>
        [.. _classes.Select((own, i) => new ClassAccuracy(names[i], own.All, own.Top1, own.Top5))];
}
