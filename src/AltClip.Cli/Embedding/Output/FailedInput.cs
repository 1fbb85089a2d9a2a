namespace AltClip.Cli;

/// <summary>An input that has no embedding.</summary>
/// <param name="Id">What its owner calls it.</param>
/// <param name="Source">The place of its file or folder among the job's inputs.</param>
/// <param name="Index">Its place there.</param>
/// <param name="Error">Why.</param>
internal sealed record FailedInput(string Id, int Source, int Index, string Error);
