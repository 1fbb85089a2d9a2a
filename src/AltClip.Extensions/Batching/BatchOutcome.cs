namespace AltClip.Extensions;

/// <summary>What came of one input of a batch.</summary>
/// <param name="Result">Its result, if there is no error.</param>
/// <param name="Error">Why this input, and not the whole batch, failed.</param>
internal readonly record struct BatchOutcome<TResult>(TResult? Result, Exception? Error = null);
