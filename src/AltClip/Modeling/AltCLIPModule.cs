using AltClip.Native;
using Microsoft.DotNet.Interactive.Formatting;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Base of this library's modules. Moving or converting one leaves none of its former parameters behind.</summary>
[TypeFormatterSource(typeof(ModuleTree))]
public abstract class AltCLIPModule : nn.Module
{
    private ScalarType? _computeType;
    private bool _gradientCheckpointing;
    private bool _isDisposed;

    private protected AltCLIPModule(string name) : base(name)
    {
    }

    /// <summary>
    /// The type that encoders compute in, of this module and all in it; null, as at first, for that of the weights. With float32 weights
    /// and <see cref="ScalarType.BFloat16"/>, weights are rounded where they are used: gradients, the optimizer's state, embeddings, losses
    /// and what a model returns stay float32, and norms and softmax add up in float32. Only hidden states and attention weights, if asked
    /// for, have the type computed in. That is what autocast does in PyTorch, and needs no scaling of the loss.
    /// </summary>
    /// <exception cref="ArgumentException">The type is neither float32 nor bfloat16.</exception>
    public ScalarType? ComputeType
    {
        get => _computeType;
        set
        {
            if (value is not (null or ScalarType.Float32 or ScalarType.BFloat16))
                throw new ArgumentException($"The type is {value}; expected Float32, BFloat16 or null.", nameof(value));
            _computeType = value;
            foreach (var module in modules().OfType<AltCLIPModule>()) module._computeType = value;
        }
    }

    /// <summary>
    /// Whether the encoders of this module and all in it keep only what comes into each layer while training, and compute its inside again
    /// in the backward pass: less memory for about a third more time, and the same gradients, with dropout too. Parameters get theirs by
    /// <c>backward</c>, not by <c>torch.autograd.grad</c>. Hidden states, attention weights, head masks and cross-attention, if asked for,
    /// do without it.
    /// </summary>
    public bool GradientCheckpointing
    {
        get => _gradientCheckpointing;
        set
        {
            _gradientCheckpointing = value;
            foreach (var module in modules().OfType<AltCLIPModule>()) module._gradientCheckpointing = value;
        }
    }

    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    /// <summary>Embeddings in the type that the layers after them compute in.</summary>
    private protected Tensor ToComputeType(Tensor embeddings) => embeddings.to(_computeType ?? embeddings.dtype);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _isDisposed = true;
    }

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        // An adapter names its layers' parameters as if they were its own.
        List<(nn.Module Module, string Name, Parameter Before)> parameters =
        [
            .. named_children().Select(child => child.module).Where(child => child is not AltCLIPModule).Prepend(this)
                .SelectMany(module => module.named_parameters(recurse: false).Where(p => !p.name.Contains('.')).Select(p => (module, p.name, p.parameter))),
        ];
        base._toEpilog(dtype, device, non_blocking);
        foreach (var (module, name, before) in parameters)
        {
            if (ReferenceEquals(module.get_parameter(name), before)) continue;
            ParameterCount.Uncount();
            before.Dispose();
        }
    }

    /// <summary>Puts a parameter in the place of another, which is disposed.</summary>
    private protected void Replace(ref Parameter field, Parameter value, string name)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (ReferenceEquals(field, value)) return;
        field.Dispose();
        field = (Parameter)value.DetachFromDisposeScope();
        ConditionallyRegisterParameter(name, field);
    }
}
