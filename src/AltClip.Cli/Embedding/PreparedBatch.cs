namespace AltClip.Cli;

/// <summary>Inputs ready for the model. Disposing it disposes the tensors.</summary>
/// <param name="Batch">The inputs.</param>
/// <param name="Readable">Those of them that could be prepared.</param>
/// <param name="Failures">The others.</param>
/// <param name="Tensors">The pictures of the readable ones; null if there are none, and for texts.</param>
internal sealed record PreparedBatch(
    InputBatch Batch, IReadOnlyList<EmbedInput> Readable, IReadOnlyList<FailedInput> Failures, AltCLIPInputs? Tensors) : IDisposable
{
    public void Dispose() => Tensors?.Dispose();
}
