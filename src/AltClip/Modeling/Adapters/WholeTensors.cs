using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// Tensors of a model that an adapter has whole: trained biases, and the modules that its configuration calls <c>modules_to_save</c>. They
/// are in the model's place while the adapter lives.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="tensors">The names of the model's parameters, and of the file's tensors for them.</param>
/// <param name="modules">The modules that are whole, outside the text layers.</param>
internal sealed class WholeTensors(nn.Module model, IReadOnlyList<(string Parameter, string InFile)> tensors, IReadOnlyList<string> modules)
{
    private readonly Dictionary<string, Tensor> _originals = [];

    public static WholeTensors None(nn.Module model) => new(model, [], []);

    /// <summary>Modules that are whole and have one name in every version of transformers.</summary>
    public IReadOnlyList<string> Modules => modules;

    /// <summary>The parameters that are the adapter's now, by their names in the model.</summary>
    public IEnumerable<(string Name, Tensor Value)> Parameters
    {
        get
        {
            var all = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
            return tensors.Select(tensor => (tensor.Parameter, (Tensor)all[tensor.Parameter]));
        }
    }

    /// <summary>Puts the file's tensors in the model; its own are kept.</summary>
    public void Apply(ITensorSource file)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var ((name, parameter), (_, inFile)) in Parameters.Zip(tensors))
        {
            _originals.Add(name, parameter.detach().clone().DetachFromDisposeScope());
            parameter.copy_(file.Read(inFile));
        }
    }

    /// <summary>Puts the model's own back.</summary>
    public void Restore()
    {
        using (no_grad())
        {
            // None of a model that was disposed before.
            foreach (var (name, parameter) in model.named_parameters())
            {
                if (!parameter.IsInvalid && _originals.TryGetValue(name, out var original)) parameter.copy_(original);
            }
        }
        Forget();
    }

    /// <summary>Leaves the model as it is.</summary>
    public void Forget()
    {
        foreach (var original in _originals.Values) original.Dispose();
        _originals.Clear();
    }
}
