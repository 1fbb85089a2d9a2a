namespace AltClip.Training.Evaluation;

/// <summary>How <see cref="RejectionCalibration"/> chooses a threshold.</summary>
public sealed record RejectionOptions
{
    /// <summary>The part of pictures with no right label that may get one all the same, above 0 and below 1. Default: 0.05.</summary>
    public double FalseAcceptRate { get; init; } = 0.05;

    /// <summary>How many labels a picture is given, at least 1; fewer where there are fewer classes. Default: 10.</summary>
    public int LabelsPerPicture { get; init; } = 10;

    /// <summary>The seed that labels are drawn with.</summary>
    public int Seed { get; init; }

    /// <exception cref="ArgumentException">An option has no valid value.</exception>
    internal void Validate()
    {
        if (!(FalseAcceptRate > 0 && FalseAcceptRate < 1))
            throw new ArgumentException($"{nameof(FalseAcceptRate)} is {FalseAcceptRate}; expected a number above 0 and below 1.", "options");
        if (LabelsPerPicture < 1) throw new ArgumentException($"{nameof(LabelsPerPicture)} is {LabelsPerPicture}; expected a number above 0.", "options");
    }
}
