using AltClip.Configuration;
using AltClip.Native;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>
/// Makes TorchSharp's layers with shapes but no memory, so that the full-size model costs nothing until its weights are initialised or
/// mapped from a file: see <see cref="ParameterSlots"/>. They are float32, whatever torch's default type is.
/// </summary>
internal static class Skeleton
{
    /// <summary>Checks a configuration before anything is built from it.</summary>
    /// <exception cref="ConfigurationException">A value of the configuration is out of range.</exception>
    /// <exception cref="DllNotFoundException">TorchSharp's native library can't be loaded.</exception>
    public static TConfig Validated<TConfig>(TConfig config) where TConfig : PretrainedConfig
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        TorchRuntime.EnsureLoaded();
        return config;
    }

    public static Linear Linear(long inputs, long outputs, bool bias = true) => Counted(nn.Linear(inputs, outputs, bias, META, float32));

    public static LayerNorm LayerNorm(long width, double eps) => Counted(nn.LayerNorm(width, eps, device: META, dtype: float32));

    public static Conv2d Conv2d(long inputs, long outputs, long kernel) =>
        Counted(nn.Conv2d(inputs, outputs, kernel, stride: kernel, bias: false, device: META, dtype: float32));

    /// <summary>
    /// TorchSharp's embedding always allocates, fills and keeps a table of the size it is made with; it computes with the weight that is
    /// set, of any size. So it is made as small as its padding index allows.
    /// </summary>
    public static Embedding Embedding(long rows, long width, long? paddingIndex = null)
    {
        var embedding = nn.Embedding((paddingIndex ?? 0) + 1, 1, paddingIndex, dtype: float32);
        ParameterSlots.Replace(embedding, Parameter(rows, width));
        return embedding;
    }

    public static Parameter Parameter(params long[] shape) => Parameter(empty(shape, float32, META));

    /// <summary>Makes a parameter of a tensor, which becomes empty. It belongs to no dispose scope but to whoever holds it.</summary>
    public static Parameter Parameter(Tensor data)
    {
        var parameter = (Parameter)new Parameter(data).DetachFromDisposeScope();
        ParameterCount.Uncount();
        return parameter;
    }

    private static T Counted<T>(T module) where T : nn.Module
    {
        foreach (var _ in module.parameters()) ParameterCount.Uncount();
        return module;
    }
}
