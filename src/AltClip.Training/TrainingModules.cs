using AltClip.Modeling;
using AltClip.Modeling.Adapters;
using static TorchSharp.torch;

namespace AltClip.Training;

/// <summary>Has the modules of this library in a model compute as a training run is to, until it is disposed.</summary>
internal sealed class TrainingModules : IDisposable
{
    private readonly List<(AltCLIPModule Module, ScalarType? Type, bool Checkpointing)> _before;

    /// <param name="model">A module of this library, or one that has such modules in it.</param>
    /// <param name="options">The options; those that say nothing leave everything as it is.</param>
    /// <exception cref="ArgumentException">No module would heed an option.</exception>
    public TrainingModules(nn.Module model, TrainerOptions options)
    {
        _before = [.. LoraAdapter.ModulesUnder(model).OfType<AltCLIPModule>().Select(module => (module, module.ComputeType, module.GradientCheckpointing))];
        Refuse(model, options.ComputeType is not null, nameof(options.ComputeType));
        Refuse(model, options.GradientCheckpointing, nameof(options.GradientCheckpointing));
        foreach (var (module, type, checkpointing) in _before)
        {
            module.ComputeType = options.ComputeType ?? type;
            module.GradientCheckpointing = options.GradientCheckpointing || checkpointing;
        }
    }

    public void Dispose()
    {
        // Each setting reaches the modules within, so those within come last.
        foreach (var (module, type, checkpointing) in _before)
        {
            module.ComputeType = type;
            module.GradientCheckpointing = checkpointing;
        }
    }

    private void Refuse(nn.Module model, bool wanted, string option)
    {
        if (wanted && _before.Count == 0) throw new ArgumentException($"{model.GetName()} has no module of AltClip that it could be for.", option);
    }
}
