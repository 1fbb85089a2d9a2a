using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference;

/// <summary>The compiled code of the encoders, and how it wants its weights.</summary>
internal sealed class EncoderKernels : IDisposable
{
    private readonly jit.ScriptModule _module;
    private readonly bool _int8;

    private EncoderKernels(jit.ScriptModule module, Device device, ScalarType dtype, bool int8)
    {
        _module = module;
        _int8 = int8;
        Device = device;
        DType = dtype;
    }

    /// <summary>Where the weights are and the work is done.</summary>
    public Device Device { get; }

    /// <summary>The type of the states between products.</summary>
    public ScalarType DType { get; }

    /// <summary>The type in which attention is computed, and its mask is wanted.</summary>
    public ScalarType ScoreDType => _int8 ? ScalarType.BFloat16 : DType;

    /// <summary>
    /// Takes oneDNN's packed products where a trial shows that they work, else ordinary ones: on other devices than the CPU, where
    /// libtorch was built without oneDNN, and on processors that lack the instructions.
    /// </summary>
    public static EncoderKernels Load(InferencePrecision precision, Device device) => Packed(precision, device) ?? Ordinary(precision, device);

    /// <summary>Takes the products that libtorch has for every device, in bfloat16 in place of int8.</summary>
    public static EncoderKernels Ordinary(InferencePrecision precision, Device device)
    {
        var dtype = precision == InferencePrecision.Float32 ? ScalarType.Float32 : ScalarType.BFloat16;
        return new EncoderKernels(KernelArchive.Load("OrdinaryProduct"), device, dtype, int8: false);
    }

    /// <summary>Appends the three tensors of a product y = x W^T + b to a list, in the form that the code wants.</summary>
    /// <param name="weights">The list, whose tensors the caller disposes.</param>
    /// <param name="weight">W: [outputs, inputs].</param>
    /// <param name="bias">b: [outputs], or null.</param>
    /// <param name="quantized">Whether the product may be done in int8.</param>
    /// <param name="factor">On W, for what is folded into it.</param>
    public void AddProduct(List<Tensor> weights, Tensor weight, Tensor? bias, bool quantized = true, double factor = 1)
    {
        using var scope = NewDisposeScope();
        var outputs = weight.shape[0];
        var int8 = quantized && _int8;
        var term = bias is null ? zeros(outputs, dtype: DType, device: Device) : Own(bias);
        var scale = empty(0, device: Device);
        Tensor packed;
        if (int8)
        {
            var full = weight.to(float32);
            scale = full.amax([1]).maximum(full.amin([1]).neg_()).div_(127).clamp_min_(1e-30f);
            packed = _module.invoke<Tensor>("pack_int8", full.div(scale.unsqueeze(1)).round_().to(ScalarType.Int8));
            scale.mul_(factor);
        }
        else
        {
            var scaled = factor == 1 ? weight.detach() : weight * factor;
            packed = _module.invoke<Tensor>("pack", scaled.to(DType, Device));
        }
        foreach (var tensor in new[] { packed, term, scale }) weights.Add(tensor.DetachFromDisposeScope());
    }

    /// <summary>Appends a layer norm's weight and bias.</summary>
    public void AddNorm(List<Tensor> weights, TorchSharp.Modules.LayerNorm norm)
    {
        weights.Add(Own(norm.weight!).DetachFromDisposeScope());
        weights.Add(Own(norm.bias!).DetachFromDisposeScope());
    }

    /// <summary>A copy of a parameter in the encoder's own type.</summary>
    public Tensor Own(Tensor parameter)
    {
        using var detached = parameter.detach();
        return detached.to(DType, Device, copy: true);
    }

    /// <summary>The product of <paramref name="x"/> [rows, inputs] and three tensors made by <see cref="AddProduct"/>.</summary>
    public Tensor Linear(Tensor x, List<Tensor> weights) => _module.invoke<Tensor>("linear", x, weights.ToArray());

    /// <summary>Runs all layers of an encoder; see <c>Archive/Encoder.py</c>.</summary>
    /// <param name="rows">Embedded tokens: [tokens, width].</param>
    /// <param name="groups">How many sequences there are of one length, and that length; then those of the next.</param>
    /// <param name="mask">What is added to the scores of the only group, or null.</param>
    /// <param name="weights">The layers.</param>
    /// <returns>The state of each sequence's first token: [sequences, width].</returns>
    public Tensor Encode(Tensor rows, long[] groups, Tensor? mask, EncoderWeights weights)
    {
        using var sizes = tensor(groups);
        return _module.invoke<Tensor>(
            "encode", rows, sizes, mask!, weights.Tensors, (long)weights.Heads, weights.Eps, weights.PreNorm, (long)weights.Activation);
    }

    public void Dispose() => _module.Dispose();

    private static EncoderKernels? Packed(InferencePrecision precision, Device device)
    {
        if (device.type != DeviceType.CPU || !HasOneDnn()) return null;
        var dtype = precision == InferencePrecision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        EncoderKernels? kernels = null;
        var trial = new List<Tensor>();
        try
        {
            kernels = new EncoderKernels(KernelArchive.Load("OneDnnProduct"), device, dtype, int8: precision == InferencePrecision.Int8);
            using var weight = ones(16, 16, device: device);
            kernels.AddProduct(trial, weight, null);
            using var x = ones(2, 16, dtype: dtype, device: device);
            kernels.Linear(x, trial).Dispose();
            return kernels;
        }
        catch (ExternalException)
        {
            kernels?.Dispose();
            return null;
        }
        finally
        {
            foreach (var tensor in trial) tensor.Dispose();
        }
    }

    /// <summary>
    /// Whether libtorch was built with oneDNN, which for Macs it is not. The archive of its products can't be tried without:
    /// see <see cref="KernelArchive.Load"/>. This conversion is an operator of every libtorch's.
    /// </summary>
    private static bool HasOneDnn()
    {
        try
        {
            using var unit = jit.compile("def there_and_back(x):\n  return x.to_mkldnn().to_dense()\n");
            using var x = ones(1);
            unit.invoke<Tensor>("there_and_back", x).Dispose();
            return true;
        }
        catch (ExternalException)
        {
            return false;
        }
    }
}
