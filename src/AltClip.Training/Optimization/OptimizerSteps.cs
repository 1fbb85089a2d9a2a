using AltClip.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Optimization;

/// <summary>
/// The steps of TorchSharp's AdamW, to the last bit, a parameter after the other: its own <c>step</c> frees what it computes only after the
/// last parameter, which takes twice the size of the model. Matrices that are Muon's take its step, and keep its momentum where AdamW keeps
/// the gradients' mean, so that checkpoints are of one form.
/// </summary>
internal sealed class OptimizerSteps
{
    private readonly List<OptimizedParameter> _adamW;
    private readonly List<OptimizedParameter> _muon;
    private readonly (MuonScale Scale, ScalarType Type) _muonForm;

    /// <param name="optimizer">The optimizer, which keeps the state.</param>
    /// <param name="muon">The matrices that are Muon's.</param>
    /// <param name="muonForm">How Muon steps.</param>
    /// <param name="rateScale">Each parameter's factor on the learning rate; null for 1.</param>
    public OptimizerSteps(
        AdamW optimizer, IReadOnlyList<Parameter> muon, (MuonScale, ScalarType)? muonForm = null, Func<Parameter, double>? rateScale = null)
    {
        _muonForm = muonForm ?? (MuonScale.MatchRmsAdamW, ScalarType.Float32);
        var ofMuon = muon.Select(parameter => parameter.Handle).ToHashSet();
        var parameters = optimizer.ParamGroups.Cast<AdamW.ParamGroup>().SelectMany(group => group.Parameters.Select(parameter => (group, parameter)));
        var all = parameters.Zip(
            optimizer.state_dict().State,
            (p, state) => new OptimizedParameter(p.group, p.parameter, (AdamW.State)state, rateScale?.Invoke(p.parameter) ?? 1)).ToList();
        (_adamW, _muon) = ([.. all.Where(p => !ofMuon.Contains(p.Parameter.Handle))], [.. all.Where(p => ofMuon.Contains(p.Parameter.Handle))]);
    }

    /// <summary>Updates the parameters that have a gradient.</summary>
    public void Take()
    {
        foreach (var part in _adamW) Take(part, TakeAdamW);
        // Each is a few small products. Where libtorch's products have one thread each, matrices share the processors.
        var threads = get_num_threads() == 1 ? Environment.ProcessorCount : 1;
        Parallel.ForEach(_muon, new ParallelOptions { MaxDegreeOfParallelism = threads }, part => Take(part, TakeMuon));
    }

    private static void Take(OptimizedParameter part, Action<AdamW.Options, double, Tensor, Tensor, AdamW.State> step)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        if (part.Parameter.grad is { } gradient)
            step((AdamW.Options)part.Group.Options, part.Group.LearningRate * part.RateScale, part.Parameter, gradient, part.State);
    }

    private static void TakeAdamW(AdamW.Options options, double learningRate, Tensor parameter, Tensor gradient, AdamW.State state)
    {
        var (beta1, beta2) = (options.beta1!.Value, options.beta2!.Value);
        state.step++;
        using Scalar squares = 1 - beta2, size = -learningRate / (1 - Math.Pow(beta1, state.step));
        parameter.Times_(1 - learningRate * options.weight_decay!.Value);
        state.exp_avg.Times_(beta1).Plus_(gradient, alpha: 1 - beta1);
        state.exp_avg_sq.Times_(beta2).addcmul_(gradient, gradient, value: squares);
        var denominator = state.exp_avg_sq.sqrt().Over_(Math.Sqrt(1 - Math.Pow(beta2, state.step))).Plus_(options.eps!.Value);
        parameter.addcdiv_(state.exp_avg, denominator, value: size);
    }

    private void TakeMuon(AdamW.Options options, double learningRate, Tensor parameter, Tensor gradient, AdamW.State state)
    {
        state.step++;
        MuonSteps.Take(parameter, gradient, state.exp_avg, learningRate, options.weight_decay!.Value, _muonForm.Scale, _muonForm.Type);
    }

    private sealed record OptimizedParameter(AdamW.ParamGroup Group, Parameter Parameter, AdamW.State State, double RateScale);
}
