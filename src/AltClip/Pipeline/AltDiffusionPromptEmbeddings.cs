using static TorchSharp.torch;

namespace AltClip.Pipeline;

/// <summary>What the UNet of AltDiffusion attends to; with guidance it is given the negative rows first, then the others.</summary>
/// <param name="PromptEmbeds">Prompts: [prompts times pictures of each, sequence, project_dim].</param>
/// <param name="NegativePromptEmbeds">Negative prompts, of the same shape; null without guidance.</param>
public sealed record AltDiffusionPromptEmbeddings(Tensor PromptEmbeds, Tensor? NegativePromptEmbeds) : IDisposable
{
    internal IEnumerable<Tensor> Tensors => NegativePromptEmbeds is null ? [PromptEmbeds] : [PromptEmbeds, NegativePromptEmbeds];

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }
}
