using System.Text.Json.Nodes;
using AltClip.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>
/// Some steps of contrastive training with AdamW: the losses, the gradients' norms and all parameters afterwards. AdamW divides a gradient by
/// its own size, so a parameter whose gradient is nothing but rounding goes up to the learning rate in either direction each step: such a one
/// may be twice that way from the reference's.
/// </summary>
internal static class AdamWTrajectory
{
    private static readonly string[] Batch = ["input_ids", "attention_mask", "pixel_values"];

    public static double Run(string checkpoint, Dictionary<string, Tensor> inputs, JsonObject options, Dictionary<string, Tensor> expected)
    {
        Compare.SameNames(
            "options", options.Select(p => p.Key),
            ["steps", "frozen", "no_decay", "clip_grad_norm", "accumulate", "clamp_logit_scale", "lr", "betas", "eps", "weight_decay"]);
        var steps = (int)options["steps"]!;
        Compare.SameNames("inputs", inputs.Keys, Enumerable.Range(0, steps).SelectMany(step => Batch.Select(name => $"{name}.{step}")));
        using var model = AltCLIPModel.FromPretrained(checkpoint);
        Freeze(model, [.. options["frozen"]!.AsArray().Select(name => (string)name!)]);
        using var optimizer = Optimizer(model, options);

        var (losses, norms) = (new List<double>(), new List<double>());
        var largest = new Dictionary<string, double>();
        var accumulate = (int)options["accumulate"]!;
        for (var step = 0; step < steps; step++)
        {
            losses.Add(Backward(model, [.. Batch.Select(name => inputs[$"{name}.{step}"])], accumulate));
            if ((step + 1) % accumulate != 0) continue;
            NoteGradients(model, largest);
            norms.Add(nn.utils.clip_grad_norm_(model.parameters().Where(p => p.requires_grad), (double?)options["clip_grad_norm"] ?? double.PositiveInfinity));
            optimizer.step();
            optimizer.zero_grad();
            ClampLogitScale(model, options["clamp_logit_scale"]!.AsArray());
        }
        var farthest = 2 * norms.Count * (double)options["lr"]!;
        return CompareAll(model, losses, norms, expected, name => largest.TryGetValue(name, out var seen) && TrainingTolerance.IsRounding(seen) ? farthest : null);
    }

    private static void Freeze(AltCLIPModel model, HashSet<string> frozen)
    {
        var parameters = model.named_parameters().ToList();
        if (frozen.Except(parameters.Select(p => p.name)).FirstOrDefault() is { } unknown) throw new MismatchException($"frozen {unknown} is no parameter");
        foreach (var (name, parameter) in parameters) parameter.requires_grad = !frozen.Contains(name);
    }

    private static AdamW Optimizer(AltCLIPModel model, JsonObject options)
    {
        var (lr, eps, decay) = ((double)options["lr"]!, (double)options["eps"]!, (double)options["weight_decay"]!);
        var (beta1, beta2) = ((double)options["betas"]![0]!, (double)options["betas"]![1]!);
        return (string?)options["no_decay"] switch
        {
            null => optim.AdamW(model.parameters().Where(p => p.requires_grad), lr, beta1, beta2, eps, decay),
            "parameters of fewer than 2 dimensions" => optim.AdamW(ParameterGroups.ForAdamW(model, decay), lr, beta1, beta2, eps),
            var rule => throw new MismatchException($"no_decay {rule} is not known"),
        };
    }

    private static double Backward(AltCLIPModel model, Tensor[] batch, int accumulate)
    {
        using var scope = NewDisposeScope();
        var loss = model.forward(batch[0], batch[2], batch[1], return_loss: true).Loss!;
        (loss / accumulate).backward();
        return loss.ToDouble();
    }

    private static void ClampLogitScale(AltCLIPModel model, JsonArray range)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        model.logit_scale.clamp_((double)range[0]!, (double)range[1]!);
    }

    /// <summary>Keeps the largest magnitude of each parameter's gradient.</summary>
    private static void NoteGradients(AltCLIPModel model, Dictionary<string, double> largest)
    {
        using var scope = NewDisposeScope();
        foreach (var (name, parameter) in model.named_parameters())
        {
            if (parameter.grad is { } gradient)
                largest[name] = Math.Max(largest.GetValueOrDefault(name), gradient.abs().max().ToDouble());
        }
    }

    private static double CompareAll(
        AltCLIPModel model, List<double> losses, List<double> norms, Dictionary<string, Tensor> expected, Func<string, double?> roundingAllowance)
    {
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Compare.SameNames("outputs", ["losses", "grad_norms", .. parameters.Keys.Select(name => "param." + name)], expected.Keys);
        Compare.Close("grad_norms", tensor(norms), expected["grad_norms"], TrainingTolerance.Gradient);
        var worst = Compare.Close("losses", tensor(losses), expected["losses"], _ => TrainingTolerance.Absolute);
        foreach (var (name, parameter) in parameters)
        {
            var allowance = roundingAllowance(name);
            var difference = Compare.Close(name, parameter, expected["param." + name], _ => allowance ?? TrainingTolerance.Absolute);
            if (allowance is null) worst = Math.Max(worst, difference);
        }
        return worst;
    }
}
