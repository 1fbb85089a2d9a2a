using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>
/// Training in train mode, as the trainer of the library does it: <c>training2/cases.json</c>, each element with what it is allowed to be off.
/// The worst difference is the largest part of what is allowed.
/// </summary>
internal static class Training2Group
{
    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("training2");
        using var tensors = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        // On models as small as these, threads wait for each other most of the time.
        var threads = get_num_threads();
        set_num_threads(1);
        try
        {
            foreach (var test in Read(folder, tensors))
            {
                report.Case(test.Name, () => RunCase(test));
            }
        }
        finally
        {
            set_num_threads(threads);
        }
        return report;
    }

    /// <summary>The cases of the group, with the tensors of its file.</summary>
    public static IReadOnlyList<Training2Case> Read(string folder, SafeTensors tensors)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        var (cases, criterion) = (root["cases"]!.AsArray(), root["criterion"]!.AsObject());
        return [.. cases.Select(entry => new Training2Case(entry!.AsObject(), criterion, folder, tensors, cases))];
    }

    /// <summary>Runs one case; gives the largest part of what it allows.</summary>
    /// <exception cref="MismatchException">More than is allowed, or it says what is not known.</exception>
    public static double RunCase(Training2Case test)
    {
        using var scope = NewDisposeScope();
        return test.Call switch
        {
            "loss_and_gradients" => GradientCases.LossAndGradients(test),
            "embeddings" => GradientCases.Embeddings(test),
            "gathered_loss_and_gradients" => GatheredCase.Run(test),
            "trajectory" => TrajectoryCases.Run(test),
            "adamw" => OptimizerCases.AdamW(test),
            "muon" => OptimizerCases.Muon(test),
            "clip_grad_norm" => OptimizerCases.Clipping(test),
            "newton_schulz" => OptimizerCases.NewtonSchulz(test),
            "schedule" => ScheduleCases.Run(test),
            "locked_groups" => GroupCases.Locked(test),
            "layer_decay_groups" => GroupCases.LayerDecay(test),
            "dropout_statistics" => DropoutCases.Run(test),
            "retrieval" => EvaluationCases.Retrieval(test),
            "zero_shot" => EvaluationCases.ZeroShot(test),
            "linear_probe" => EvaluationCases.LinearProbe(test),
            var call => throw new MismatchException($"call {call} is not known"),
        };
    }
}
