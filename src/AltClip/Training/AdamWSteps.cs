using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// The steps of TorchSharp's AdamW, to the last bit, a parameter after the other: its own <c>step</c> frees what it computes only after the
/// last parameter, which takes twice the size of the model.
/// </summary>
internal sealed class AdamWSteps
{
    private readonly List<(AdamW.ParamGroup Group, Parameter Parameter, AdamW.State State)> _parts;

    public AdamWSteps(AdamW optimizer)
    {
        var parameters = optimizer.ParamGroups.Cast<AdamW.ParamGroup>().SelectMany(group => group.Parameters.Select(parameter => (group, parameter)));
        _parts = [.. parameters.Zip(optimizer.state_dict().State, (p, state) => (p.group, p.parameter, (AdamW.State)state))];
    }

    /// <summary>Updates the parameters that have a gradient.</summary>
    public void Take()
    {
        using var noGrad = no_grad();
        foreach (var (group, parameter, state) in _parts)
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is { } gradient) Take((AdamW.Options)group.Options, group.LearningRate, parameter, gradient, state);
        }
    }

    private static void Take(AdamW.Options options, double learningRate, Tensor parameter, Tensor gradient, AdamW.State state)
    {
        var (beta1, beta2) = (options.beta1!.Value, options.beta2!.Value);
        state.step++;
        parameter.mul_(1 - learningRate * options.weight_decay!.Value);
        state.exp_avg.mul_(beta1).add_(gradient, alpha: 1 - beta1);
        state.exp_avg_sq.mul_(beta2).addcmul_(gradient, gradient, value: 1 - beta2);
        var denominator = state.exp_avg_sq.sqrt().div_(Math.Sqrt(1 - Math.Pow(beta2, state.step))).add_(options.eps!.Value);
        parameter.addcdiv_(state.exp_avg, denominator, value: -learningRate / (1 - Math.Pow(beta1, state.step)));
    }
}
