using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>What several adapters change of a model's weights, each as if it were alone, times their factors, summed.</summary>
internal sealed class AdapterSum : IDisposable
{
    private readonly Dictionary<string, Tensor> _changes = [];

    /// <summary>Adds an adapter, which is on the model and not merged. It is taken off.</summary>
    public void Add(LoraAdapter adapter, double factor)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        adapter.Merge();
        var merged = Parameters(adapter.Model, adapter.ChangedParameters).ToDictionary(p => p.Name, p => p.Value.detach().to(float32, copy: true));
        adapter.Dispose();
        foreach (var (name, before) in Parameters(adapter.Model, merged.Keys))
        {
            var change = merged[name].sub_(before).Times_(factor);
            if (_changes.TryGetValue(name, out var sum)) sum.Plus_(change);
            else _changes.Add(name, change.DetachFromDisposeScope());
        }
    }

    /// <summary>Puts the sum into a model.</summary>
    public void AddTo(nn.Module model)
    {
        using var noGrad = no_grad();
        foreach (var (name, parameter) in Parameters(model, _changes.Keys))
        {
            using var changed = _changes[name].Plus_(parameter);
            parameter.copy_(changed);
        }
    }

    public void Dispose()
    {
        foreach (var change in _changes.Values) change.Dispose();
        _changes.Clear();
    }

    private static IEnumerable<(string Name, Tensor Value)> Parameters(nn.Module model, IEnumerable<string> names)
    {
        var wanted = names.ToHashSet();
        return model.named_parameters().Where(p => wanted.Contains(p.name)).Select(p => (p.name, (Tensor)p.parameter));
    }
}
