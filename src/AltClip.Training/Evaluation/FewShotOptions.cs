namespace AltClip.Training.Evaluation;

/// <summary>How few-shot evaluation is done.</summary>
public sealed record FewShotOptions : LinearProbeOptions
{
    /// <summary>How many pictures of each class a probe learns from; a result for each number.</summary>
    public IReadOnlyList<int> Shots { get; init; } = [1, 2, 4, 8, 16];

    /// <summary>How often other pictures are drawn, from <see cref="LinearProbeOptions.Seed"/> on.</summary>
    public int Draws { get; init; } = 3;
}
