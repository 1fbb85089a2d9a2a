using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>What <see cref="AltDiffusionTextEncoder"/> returns.</summary>
/// <param name="ProjectionState">What the UNet attends to: [batch, sequence, project_dim].</param>
/// <param name="LastHiddenState">XLM-RoBERTa's states after the last layer: [batch, sequence, hidden_size].</param>
public sealed record AltDiffusionTextOutput(Tensor ProjectionState, Tensor LastHiddenState) : IDisposable
{
    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        ProjectionState.Dispose();
        LastHiddenState.Dispose();
    }
}
