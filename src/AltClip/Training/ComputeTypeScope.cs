using static TorchSharp.torch;

namespace AltClip;

/// <summary>Has all modules of this library in a model compute in a type, until it is disposed.</summary>
internal sealed class ComputeTypeScope : IDisposable
{
    private readonly List<(AltCLIPModule Module, ScalarType? Before)> _modules = [];

    /// <param name="model">A module, or one that has modules of this library in it.</param>
    /// <param name="type">The type; null leaves everything as it is.</param>
    /// <exception cref="ArgumentException">No module would heed it.</exception>
    public ComputeTypeScope(nn.Module model, ScalarType? type)
    {
        if (type is null) return;
        _modules.AddRange(model.modules().Prepend(model).OfType<AltCLIPModule>().Select(module => (module, module.ComputeType)));
        if (_modules.Count == 0)
            throw new ArgumentException($"{model.GetName()} has no module of AltClip that could compute in {type}.", nameof(TrainerOptions.ComputeType));
        foreach (var (module, _) in _modules) module.ComputeType = type;
    }

    public void Dispose()
    {
        // Each setting reaches the modules within, so those within come last.
        foreach (var (module, before) in _modules) module.ComputeType = before;
    }
}
