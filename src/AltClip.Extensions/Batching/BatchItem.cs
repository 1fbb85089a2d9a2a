using System.Diagnostics;

namespace AltClip.Extensions;

/// <summary>An input that waits for its batch.</summary>
/// <param name="Input">The input.</param>
/// <param name="Request">The request that it belongs to.</param>
/// <param name="Index">Its place in the request.</param>
/// <param name="Queued">When it began to wait, a timestamp of the batcher's clock.</param>
/// <param name="Caller">The span in which it was asked for.</param>
internal sealed record BatchItem<TInput, TResult>(TInput Input, BatchRequest<TResult> Request, int Index, long Queued, ActivityContext Caller);
