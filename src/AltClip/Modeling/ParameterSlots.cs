using AltClip.Modeling.Adapters;
using AltClip.Modeling.Vision;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>A place in a model for one parameter.</summary>
/// <param name="Name">Its state-dict name.</param>
/// <param name="Shape">The shape that the parameter must have.</param>
/// <param name="Set">Puts a parameter there, which then belongs to the model; the one before is disposed.</param>
internal sealed record ParameterSlot(string Name, long[] Shape, Action<Parameter> Set);

/// <summary>Lists a model's parameters as places that can be filled without copying.</summary>
internal static class ParameterSlots
{
    public static IEnumerable<ParameterSlot> Of(nn.Module model)
    {
        foreach (var (name, module) in model.named_modules().Prepend(("", model)))
        {
            foreach (var (parameterName, parameter) in module.named_parameters(recurse: false).ToList())
            {
                yield return new ParameterSlot(
                    name.Length == 0 ? parameterName : $"{name}.{parameterName}", parameter.shape, Setter(module, parameterName));
            }
        }
    }

    private static Action<Parameter> Setter(nn.Module module, string name) => (module, name) switch
    {
        (Linear linear, "weight") => parameter => linear.weight = parameter,
        (Linear linear, "bias") => parameter => linear.bias = parameter,
        (LayerNorm norm, "weight") => parameter => norm.weight = parameter,
        (LayerNorm norm, "bias") => parameter => norm.bias = parameter,
        (Conv2d convolution, "weight") => parameter => convolution.weight = parameter,
        (Embedding embedding, "weight") => parameter => Replace(embedding, parameter),
        (AltCLIPVisionEmbeddings embeddings, nameof(AltCLIPVisionEmbeddings.class_embedding)) => parameter => embeddings.class_embedding = parameter,
        (AltCLIPModel model, nameof(AltCLIPModel.logit_scale)) => parameter => model.logit_scale = parameter,
        (LoraLayer lora, _) => parameter => lora.Set(name, parameter),
        _ => throw new NotSupportedException($"{module.GetType().Name}.{name} is no known parameter."),
    };

    /// <summary>Unlike the other layers, TorchSharp's embedding leaves the parameter that it had to the garbage collector.</summary>
    public static void Replace(Embedding embedding, Parameter parameter)
    {
        var before = embedding.get_parameter("weight");
        embedding.weight = (Parameter)parameter.DetachFromDisposeScope();
        before?.Dispose();
    }
}
