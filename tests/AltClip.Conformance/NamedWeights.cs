using System.Text;
using AltClip.Modeling;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>Weights made from the parameters' names, as <c>full/WEIGHTS.md</c> says.</summary>
internal static class NamedWeights
{
    private static readonly string[] NormNames = ["LayerNorm", "layer_norm1", "layer_norm2", "pre_layrnorm", "post_layernorm", "pre_LN"];

    public static void Fill(nn.Module model)
    {
        using var scope = NewDisposeScope();
        foreach (var slot in ParameterSlots.Of(model))
        {
            var values = empty(slot.Shape);
            var (offset, scale) = Range(slot.Name, slot.Shape);
            if (slot.Name == "logit_scale") values.fill_(2.6592);
            else FillUniform(values, slot.Name, offset, scale);
            slot.Set(Skeleton.Parameter(values));
        }
    }

    private static (float Offset, float Scale) Range(string name, long[] shape)
    {
        if (name.EndsWith(".bias")) return (0, 0.1f);
        if (NormNames.Any(norm => name.EndsWith(norm + ".weight"))) return (1, 0.25f);
        var linear = shape.Length >= 2 && (!name.Contains("embedding") || name.Contains("patch_embedding"));
        return (0, linear ? (float)Math.Sqrt(3.0 / shape[1..].Aggregate((a, b) => a * b)) : 1);
    }

    private static unsafe void FillUniform(Tensor values, string name, float offset, float scale)
    {
        var seed = Fnv1a(name);
        var count = values.numel();
        fixed (byte* start = values.bytes)
        {
            var address = (nint)start;
            var chunk = 1L << 20;
            Parallel.For(0, (count + chunk - 1) / chunk, part =>
            {
                var numbers = (float*)address;
                for (var i = part * chunk; i < Math.Min(count, (part + 1) * chunk); i++)
                    numbers[i] = offset + scale * Uniform(seed, (ulong)i);
            });
        }
    }

    /// <summary>A number in [-1, 1) by splitmix64.</summary>
    private static float Uniform(ulong seed, ulong i)
    {
        var z = seed + (i + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return ((long)(z >> 40) - (1L << 23)) / (float)(1L << 23);
    }

    private static ulong Fnv1a(string name)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var value in Encoding.UTF8.GetBytes(name)) hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
