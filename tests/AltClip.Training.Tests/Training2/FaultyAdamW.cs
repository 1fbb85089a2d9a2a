using AltClip.Conformance.Training2;
using static TorchSharp.torch;

namespace AltClip.Training.Tests.Training2;

/// <summary>AdamW's steps by the book, or with a fault that such code has had somewhere.</summary>
internal sealed record FaultyAdamW
{
    /// <summary>The decay is added to the gradient, as Adam's is.</summary>
    public bool CouplesDecay { get; init; }

    /// <summary>Neither mean is corrected for having begun at zero.</summary>
    public bool LeavesBias { get; init; }

    /// <summary>Only the first mean is corrected.</summary>
    public bool LeavesSecondBias { get; init; }

    /// <summary>Epsilon is added before the root is taken.</summary>
    public bool AddsEpsilonInsideTheRoot { get; init; }

    /// <summary>Trains a case that is one batch a step.</summary>
    public Trajectory Train(Training2Case test)
    {
        var options = TrajectoryCases.Options(test);
        using var trained = new TrainedLoss(test);
        var moments = trained.Parameters.ToDictionary(p => p.Key, p => (Mean: zeros_like(p.Value), Square: zeros_like(p.Value)));
        var (losses, norms) = (new List<double>(), new List<double>());
        for (var step = 0; step < options.Steps; step++)
        {
            using var scope = NewDisposeScope();
            trained.Trained.zero_grad();
            var loss = trained.Of([.. test.Options["batches"]![step]!.AsArray().Select(number => (int)number!)]);
            loss.backward();
            losses.Add(loss.item<float>());
            norms.Add(nn.utils.clip_grad_norm_(trained.Trained.parameters(), options.ClipGradientNorm ?? double.PositiveInfinity));
            using var noGrad = no_grad();
            foreach (var (name, parameter) in trained.Parameters) Step(parameter, moments[name], step + 1, options);
            trained.Model.logit_scale.clamp_(0, options.MaxLogitScale);
        }
        return new(losses, norms, trained.Parameters.ToDictionary(p => p.Key, p => p.Value.detach().clone()));
    }

    private void Step(Tensor parameter, (Tensor Mean, Tensor Square) moments, int step, TrainerOptions options)
    {
        using var scope = NewDisposeScope();
        var (gradient, rate) = (parameter.grad!, options.LearningRateAt(step - 1));
        var decay = parameter.dim() >= 2 || options.DecayAll ? options.WeightDecay : 0;
        if (CouplesDecay) gradient = gradient + decay * parameter;
        else parameter.mul_(1 - rate * decay);
        moments.Mean.mul_(options.Beta1).add_(gradient, alpha: 1 - options.Beta1);
        moments.Square.mul_(options.Beta2).addcmul_(gradient, gradient, value: 1 - options.Beta2);
        var mean = LeavesBias ? moments.Mean : moments.Mean / (1 - Math.Pow(options.Beta1, step));
        var square = LeavesBias || LeavesSecondBias ? moments.Square : moments.Square / (1 - Math.Pow(options.Beta2, step));
        var size = AddsEpsilonInsideTheRoot ? (square + options.Epsilon).sqrt() : square.sqrt() + options.Epsilon;
        parameter.sub_(rate * mean / size);
    }
}
