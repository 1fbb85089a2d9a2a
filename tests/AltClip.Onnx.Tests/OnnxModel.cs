using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Tensor = TorchSharp.torch.Tensor;

namespace AltClip.Onnx.Tests;

/// <summary>An exported model in ONNX Runtime.</summary>
internal sealed class OnnxModel(string folder, string suffix = "") : IExportedModel
{
    private readonly InferenceSession _text = new(Path.Combine(folder, "onnx", $"text_model{suffix}.onnx"));
    private readonly InferenceSession _vision = new(Path.Combine(folder, "onnx", $"vision_model{suffix}.onnx"));

    public (float[] Embeds, float LogitScale) Text(Tensor ids, Tensor mask)
    {
        using var results = _text.Run(
        [
            NamedOnnxValue.CreateFromTensor("input_ids", Copy<long>(ids)), NamedOnnxValue.CreateFromTensor("attention_mask", Copy<long>(mask)),
        ]);
        return ([.. results.First(value => value.Name == "text_embeds").AsEnumerable<float>()],
            results.First(value => value.Name == "logit_scale").AsEnumerable<float>().Single());
    }

    public float[] Pictures(Tensor pixels)
    {
        using var results = _vision.Run([NamedOnnxValue.CreateFromTensor("pixel_values", Copy<float>(pixels))]);
        return [.. results.Single().AsEnumerable<float>()];
    }

    public void Dispose()
    {
        _text.Dispose();
        _vision.Dispose();
    }

    private static DenseTensor<T> Copy<T>(Tensor tensor) where T : unmanaged => new(tensor.data<T>().ToArray(), [.. tensor.shape.Select(size => (int)size)]);
}
