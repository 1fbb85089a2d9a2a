namespace AltClip.Training.Distributed;

/// <summary>What is to be done after a step.</summary>
/// <param name="Stops">Whether training ends.</param>
/// <param name="Saves">Whether a checkpoint is written.</param>
internal readonly record struct StepRequests(bool Stops, bool Saves);
