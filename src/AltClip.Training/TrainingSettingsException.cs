namespace AltClip.Training;

/// <summary>A checkpoint is of a run with other <see cref="TrainerOptions.Settings"/>, such as other data; nothing was changed.</summary>
public sealed class TrainingSettingsException : AltClipException
{
    internal TrainingSettingsException(string path, IReadOnlyList<TrainingSettingDifference> differences)
        : base($"'{path}' is of a run with other settings: {string.Join("; ", differences)}.") => Differences = differences;

    /// <summary>The settings that differ.</summary>
    public IReadOnlyList<TrainingSettingDifference> Differences { get; }
}

/// <summary>A setting that two runs don't share.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Before">Its value in the checkpoint; null if it has none.</param>
/// <param name="Now">Its value in this run; null if it has none.</param>
public sealed record TrainingSettingDifference(string Name, string? Before, string? Now)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} was {Before ?? "not set"} and is {Now ?? "not set"}";
}
