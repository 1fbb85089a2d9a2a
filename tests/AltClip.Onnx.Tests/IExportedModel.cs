using Tensor = TorchSharp.torch.Tensor;

namespace AltClip.Onnx.Tests;

/// <summary>The encoders of an exported model, in something that runs them.</summary>
internal interface IExportedModel : IDisposable
{
    /// <summary>Embeddings of token ids, row after row, and the factor on their similarities with pictures.</summary>
    (float[] Embeds, float LogitScale) Text(Tensor ids, Tensor mask);

    /// <summary>Embeddings of pixels, row after row.</summary>
    float[] Pictures(Tensor pixels);
}
