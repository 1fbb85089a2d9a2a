using AltClip;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>
/// Copies of a model in bfloat16, one a thread: each embeds its part of a batch, the loss compares all parts, and the gradients of all copies
/// are added up in the float32 original. Threads that meet twice a step lose less to a busy machine than ones that meet in every layer.
/// </summary>
internal sealed class Replicas : IDisposable
{
    private readonly AltCLIPModel _original;
    private readonly List<Parameter> _originals;
    private readonly List<(AltCLIPModel Model, List<Parameter> Parameters)> _copies;

    /// <param name="original">The model, whose configuration, and choice of frozen parameters in each step, the copies have.</param>
    /// <param name="count">How many copies there are.</param>
    public Replicas(AltCLIPModel original, int count)
    {
        set_num_threads(1);
        _original = original;
        _originals = [.. original.parameters()];
        _copies =
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                var copy = new AltCLIPModel(original.Config);
                copy.to(ScalarType.BFloat16);
                return (copy, copy.parameters().ToList());
            }),
        ];
        foreach (var (model, _) in _copies) model.train();
    }

    /// <summary>How many copies there are.</summary>
    public int Count => _copies.Count;

    /// <summary>Adds the gradient of a loss of the whole batch to the original's.</summary>
    /// <param name="embed">What copy i makes of its part: float32 tensors, of the same shapes but for the first dimension.</param>
    /// <param name="loss">The loss of all parts' tensors, joined along the first dimension, and the original's logit scale.</param>
    /// <returns>The loss.</returns>
    public double Backward(Func<int, AltCLIPModel, Tensor[]> embed, Func<Tensor[], Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var parts = new Tensor[Count][];
        Parallel.For(0, Count, i =>
        {
            using var own = NewDisposeScope();
            var (model, parameters) = _copies[i];
            using (no_grad())
            {
                foreach (var (copy, source) in parameters.Zip(_originals))
                {
                    // The trainer freezes what it doesn't train while it runs.
                    copy.requires_grad = source.requires_grad;
                    copy.copy_(source);
                }
            }
            parts[i] = embed(i, model);
            foreach (var tensor in parts[i]) tensor.DetachFromDisposeScope();
        });
        var joined = Enumerable.Range(0, parts[0].Length).Select(k => cat([.. parts.Select(part => part[k].detach())]).requires_grad_()).ToArray();
        var value = loss(joined, _original.logit_scale);
        value.backward();
        var gradients = Enumerable.Range(0, joined.Length)
            .Select(k => joined[k].grad!.split([.. parts.Select(part => part[k].shape[0])])).ToArray();
        Parallel.For(0, Count, i =>
        {
            using var own = NewDisposeScope();
            for (var k = 0; k < joined.Length; k++)
            {
                parts[i][k].backward([gradients[k][i]]);
                parts[i][k].Dispose();
            }
        });
        Collect();
        return value.item<float>();
    }

    public void Dispose()
    {
        foreach (var (model, _) in _copies) model.Dispose();
    }

    private void Collect()
    {
        using var noGrad = no_grad();
        for (var p = 0; p < _originals.Count; p++)
        {
            foreach (var (_, parameters) in _copies)
            {
                if (parameters[p].grad is not { } part) continue;
                var sum = part.to(ScalarType.Float32);
                if (_originals[p].grad is { } before) sum.add_(before);
                _originals[p].grad = sum;
                parameters[p].grad = null;
            }
        }
    }
}
