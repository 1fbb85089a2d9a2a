using System.Runtime.CompilerServices;
using AltClip.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// What an adapter adds to one layer (Hu et al., arXiv 2106.09685). Its parameters have <c>peft</c>'s names, and shapes without memory until
/// they are filled.
/// </summary>
internal abstract class LoraLayer : AltCLIPModule
{
    public const string MagnitudeName = "lora_magnitude_vector";

    // TorchSharp's layers are sealed and know of no adapters.
    private static readonly ConditionalWeakTable<nn.Module, LoraLayer> Attached = [];

    private readonly long[] _lengthDimensions;
    private Tensor? _weightAtFirst;
    private Tensor? _unmergedWeight;
    private Tensor? _unmergedBias;

    /// <param name="name">The name of the layer in its model.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="options">How it is adapted.</param>
    /// <param name="lengthDimensions">The dimensions of its weight that DoRA takes lengths over.</param>
    /// <param name="magnitudeShape">The shape of <c>peft</c>'s magnitude vector.</param>
    protected LoraLayer(string name, nn.Module layer, LoraLayerOptions options, long[] lengthDimensions, long[] magnitudeShape) : base(nameof(LoraLayer))
    {
        (Name, Layer, Options, _lengthDimensions) = (name, layer, options, lengthDimensions);
        Scale = options.Scale;
        if (options.UseDora) register_parameter(MagnitudeName, Skeleton.Parameter(magnitudeShape));
    }

    /// <summary>Nothing: TorchSharp would take every module in a field, the model's own layer too.</summary>
    protected override void RegisterComponents()
    {
    }

    public string Name { get; }

    public nn.Module Layer { get; }

    public LoraLayerOptions Options { get; }

    /// <summary>What the change is multiplied by, held as <see cref="TensorArithmetic"/> says.</summary>
    protected Scalar Scale { get; }

    protected bool HasMagnitude => Options.UseDora;

    protected Tensor Weight => Layer.get_parameter("weight")!;

    /// <summary>Whether it is in the layer's weight now.</summary>
    public bool IsMerged => _unmergedWeight is not null;

    /// <summary>The adapter of a layer, with parameters to be filled; null for a layer of a kind that has none.</summary>
    public static LoraLayer? Create(string name, nn.Module layer, LoraLayerOptions options) => layer switch
    {
        Linear linear => new LinearLora(name, linear, options),
        Embedding embedding => new EmbeddingLora(name, embedding, options),
        Conv2d convolution => new ConvolutionLora(name, convolution, options),
        _ => null,
    };

    /// <summary>The adapter of a layer that is to be added to what it computes.</summary>
    public static LoraLayer? Of(nn.Module layer) => At(layer) is { IsMerged: false } lora ? lora : null;

    /// <summary>The adapter of a layer, be it merged or not.</summary>
    public static LoraLayer? At(nn.Module layer) => Attached.TryGetValue(layer, out var lora) ? lora : null;

    public static bool IsAttached(nn.Module layer) => At(layer) is not null;

    /// <summary>Refuses a model whose weights alone aren't what it computes with.</summary>
    /// <exception cref="InvalidOperationException">It has an adapter beside them.</exception>
    public static void RefuseUnmerged(nn.Module model)
    {
        if (model.modules().Prepend(model).Any(layer => Of(layer) is not null))
        {
            throw new InvalidOperationException(
                $"The model has an adapter beside its weights. Merge it first ({nameof(LoraAdapter)}.{nameof(LoraAdapter.Merge)}), so that the weights have it.");
        }
    }

    /// <summary>What a layer gives for an input: what it computes of it alone, which is taken over, and what its adapter adds, if it has one.</summary>
    public static Tensor Adapt(nn.Module layer, Tensor input, Tensor computed)
    {
        if (Of(layer) is not { } adapter) return computed;
        using (computed)
        using (var added = adapter.forward(input)) return computed.Plus(added);
    }

    /// <summary>Whether anything in a module learns: its own parameters or adapters of its layers.</summary>
    public static bool Learns(nn.Module module) =>
        module.parameters().Any(parameter => parameter.requires_grad)
        || module.modules().Prepend(module).Any(layer => Of(layer) is { } lora && lora.parameters().Any(p => p.requires_grad));

    /// <summary>What is added to what the layer computes of its input.</summary>
    public abstract Tensor forward(Tensor input);

    /// <summary>What the small matrices add to the weight: of its shape, float32.</summary>
    protected abstract Tensor Delta();

    /// <summary>What is added to the bias, or null.</summary>
    protected virtual Tensor? BiasChange() => null;

    /// <summary>All that is added to the weight: of its shape, float32. Merged it is the same as beside.</summary>
    public Tensor Change()
    {
        if (!HasMagnitude) return Delta();
        using var delta = Delta();
        return Dora.Change(Weight, delta, Own(MagnitudeName), _lengthDimensions);
    }

    /// <summary>Fills a parameter that is the layer's own.</summary>
    public void Set(string name, Parameter parameter)
    {
        var before = Own(name);
        ConditionallyRegisterParameter(name, parameter);
        before.Dispose();
    }

    /// <summary>A parameter that is the layer's own. It is found by its name, as there is another when the layer was moved.</summary>
    protected Parameter Own(string name) => get_parameter(name) ?? throw new NotSupportedException($"{name} is no known parameter.");

    /// <summary>Fills the magnitude vector, if there is one, with the lengths that the weight has: at first it changes nothing.</summary>
    protected void InitializeMagnitude()
    {
        if (!HasMagnitude) return;
        using var scope = NewDisposeScope();
        Set(MagnitudeName, Skeleton.Parameter(Dora.Lengths(Weight, _lengthDimensions).to(float32).reshape(Own(MagnitudeName).shape).clone()));
    }

    /// <summary>Puts the adapter beside the layer, and takes out of the weight what the adapter's start took.</summary>
    public void Attach()
    {
        Attached.Add(Layer, this);
        if (Options.Start == LoraStart.Plain || Layer is not Linear) return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _weightAtFirst = Weight.detach().clone().DetachFromDisposeScope();
        Weight.copy_(LoraResidual.Of(Weight, Options.Start, Options.Rank, Options.Scale));
    }

    /// <summary>Takes it off again: the layer is to the last bit as it was.</summary>
    public void Detach()
    {
        Unmerge();
        Restore("weight", ref _weightAtFirst);
        Attached.Remove(Layer);
    }

    /// <summary>Takes it off again and leaves the layer as it is.</summary>
    public void Release()
    {
        foreach (var kept in (Tensor?[])[_weightAtFirst, _unmergedWeight, _unmergedBias]) kept?.Dispose();
        _weightAtFirst = _unmergedWeight = _unmergedBias = null;
        Attached.Remove(Layer);
    }

    /// <summary>Adds it to weight and bias; they are kept as they were, so that <see cref="Unmerge"/> brings them back to the last bit.</summary>
    public void Merge()
    {
        if (IsMerged) return;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var weight = Weight;
        var change = Change();
        _unmergedWeight = weight.detach().clone().DetachFromDisposeScope();
        weight.Plus_(change.to(weight.dtype));
        if (BiasChange() is not { } added || Layer.get_parameter("bias") is not { } bias) return;
        _unmergedBias = bias.detach().clone().DetachFromDisposeScope();
        bias.Plus_(added.to(bias.dtype));
    }

    public void Unmerge()
    {
        Restore("weight", ref _unmergedWeight);
        Restore("bias", ref _unmergedBias);
    }

    /// <summary>The inputs without those that are left out while training.</summary>
    protected Tensor Kept(Tensor inputs) =>
        Options.Dropout > 0 && Layer.training ? nn.functional.dropout(inputs, Options.Dropout, training: true) : inputs.alias();

    private void Restore(string name, ref Tensor? kept)
    {
        if (kept is null) return;
        // None, or none with memory, of a layer that was disposed before.
        using (no_grad())
        {
            if (Layer.get_parameter(name) is { IsInvalid: false } parameter) parameter.copy_(kept);
        }
        kept.Dispose();
        kept = null;
    }
}
