using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Optimization;

/// <summary>The running average of what trains; what doesn't is its own average.</summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly WeightAverageOptions _options;
    private readonly List<(string Name, Parameter Parameter, Tensor Average)> _averages;

    /// <param name="parameters">What trains, with its names; the average begins as it is now.</param>
    /// <param name="options">The decay.</param>
    public WeightAverage(IEnumerable<(string Name, Parameter Parameter)> parameters, WeightAverageOptions options)
    {
        _options = options;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        _averages = [.. parameters.Select(p => (p.Name, p.Parameter, p.Parameter.detach().clone().DetachFromDisposeScope()))];
    }

    /// <summary>The averages by their parameters' names; they stay this object's.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> Tensors => _averages.Select(own => KeyValuePair.Create(own.Name, own.Average));

    /// <summary>Takes in the weights after a step.</summary>
    /// <param name="step">The step, counted from 1.</param>
    public void Update(long step)
    {
        using var noGrad = no_grad();
        var decay = _options.DecayAt(step);
        foreach (var (_, parameter, average) in _averages)
        {
            using var scope = NewDisposeScope();
            average.Times_(decay).Plus_(parameter, alpha: 1 - decay);
        }
    }

    /// <summary>Has the weights and the averages change places. Twice is as if never, to the last bit.</summary>
    public void Swap()
    {
        using var noGrad = no_grad();
        foreach (var (_, parameter, average) in _averages)
        {
            using var scope = NewDisposeScope();
            var weights = parameter.detach().clone();
            parameter.copy_(average);
            average.copy_(weights);
        }
    }

    /// <summary>Has the weights be the averages.</summary>
    public void CopyToParameters()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, parameter, average) in _averages) parameter.copy_(average);
    }

    public void Dispose()
    {
        foreach (var (_, _, average) in _averages) average.Dispose();
    }
}
