using System.Text.Json.Serialization;

namespace AltClip.Configuration;

/// <summary>
/// The activation functions that a configuration may name, as transformers' <c>ACT2FN</c> defines them. It has further names for some of
/// them (<c>swish</c>, <c>gelu_python</c>, <c>gelu_fast</c>, <c>gelu_accurate</c>), which are read too.
/// </summary>
[JsonConverter(typeof(ActivationFunctionConverter))]
public enum ActivationFunction
{
    /// <summary><c>gelu</c>: x Φ(x), with the error function (Hendrycks and Gimpel, arXiv 1606.08415).</summary>
    Gelu,

    /// <summary><c>gelu_new</c>: its approximation by the hyperbolic tangent, as BERT and GPT-2 have it.</summary>
    GeluNew,

    /// <summary><c>gelu_pytorch_tanh</c>: the same approximation, by PyTorch's own code.</summary>
    GeluPytorchTanh,

    /// <summary><c>quick_gelu</c>: x σ(1.702 x), as CLIP has it.</summary>
    QuickGelu,

    /// <summary><c>relu</c>: max(x, 0).</summary>
    Relu,

    /// <summary><c>selu</c>: the scaled exponential linear unit (Klambauer et al., arXiv 1706.02515).</summary>
    Selu,

    /// <summary><c>silu</c>: x σ(x).</summary>
    Silu,

    /// <summary><c>mish</c>: x tanh(log(1 + eˣ)) (Misra, arXiv 1908.08681).</summary>
    Mish,

    /// <summary><c>tanh</c>: the hyperbolic tangent.</summary>
    Tanh,
}
