namespace AltClip.Fuzz;

/// <summary>What an input cost.</summary>
/// <param name="Seconds">The time.</param>
/// <param name="Bytes">What was allocated in .NET, or by how much the process grew: the greater.</param>
internal readonly record struct Usage(double Seconds, long Bytes);
