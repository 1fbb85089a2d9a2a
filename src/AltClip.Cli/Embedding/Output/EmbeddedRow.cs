namespace AltClip.Cli;

/// <summary>An input with its embedding.</summary>
/// <param name="Id">What its owner calls it.</param>
/// <param name="Source">The place of its file or folder among the job's inputs.</param>
/// <param name="Index">Its place there.</param>
/// <param name="Embedding">Numbers of length one together.</param>
internal sealed record EmbeddedRow(string Id, int Source, int Index, float[] Embedding);
