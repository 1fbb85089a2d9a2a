namespace AltClip.Hub;

/// <summary>A request to the Hub that failed and is sent again.</summary>
/// <param name="Error">Why it failed.</param>
/// <param name="Attempt">Which repetition this is, from 1.</param>
/// <param name="Attempts">How many there are at most.</param>
/// <param name="Wait">How long it is waited before.</param>
public sealed record HubRetry(HubException Error, int Attempt, int Attempts, TimeSpan Wait);
