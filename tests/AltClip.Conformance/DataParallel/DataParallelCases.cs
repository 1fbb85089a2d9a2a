using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>
/// The cases of training over several processes, as the README of <c>reference/training2</c> says: <c>gathered_loss_and_gradients</c>, and
/// trajectories with <c>world_sizes</c>.
/// </summary>
/// <param name="cases">All cases of the file, since some name others.</param>
/// <param name="criterion">The file's criterion of trajectories.</param>
/// <param name="tensors">The file of the tensors.</param>
/// <param name="checkpoint">The folder of a checkpoint, by the case's name for it.</param>
/// <param name="createLoss">Makes a loss, by the case's name for it.</param>
internal sealed class DataParallelCases(
    JsonArray cases, JsonObject criterion, SafeTensors tensors, Func<string, string> checkpoint, Func<string, TrainingLoss> createLoss)
{
    private static readonly string[] Arguments = ["input_ids", "attention_mask", "pixel_values"];

    public JsonObject Criterion => criterion;

    public JsonObject Case(string name) => cases.Select(test => test!.AsObject()).Single(test => (string)test["name"]! == name);

    public TrainingLoss CreateLoss(JsonObject test) => createLoss((string)test["options"]!["loss"]!);

    /// <summary>The model of a case, in train mode, with the start values that it asks for; those of a loss are set too.</summary>
    public AltCLIPModel Model(JsonObject test, TrainingLoss loss)
    {
        var model = AltCLIPModel.FromPretrained(checkpoint((string)test["checkpoint"]!));
        model.train();
        using var noGrad = no_grad();
        foreach (var (name, value) in test["options"]!["init"]!.AsObject())
            model.named_parameters().Concat(loss.named_parameters()).Single(p => p.name == name).parameter.fill_((double)value!);
        return model;
    }

    /// <summary>A rank's part of some batches as one: token ids, attention mask, pictures.</summary>
    public Tensor[] Rows(JsonObject test, IEnumerable<int> batches, int rank, int worldSize)
    {
        using var scope = NewDisposeScope();
        return [.. Arguments.Select(argument =>
        {
            var all = cat([.. batches.Select(n => tensors[(string)test["inputs"]![$"{argument}.{n}"]!])]);
            var count = all.shape[0] / worldSize;
            return scope.MoveToOuter(all.slice(0, rank * count, (rank + 1) * count, 1).clone());
        })];
    }

    /// <summary>An output of a case.</summary>
    public Tensor Expected(JsonObject test, string name) => tensors[(string)test["outputs"]![name]!];

    /// <summary>The names of a case's outputs that begin so, without that.</summary>
    public static IReadOnlyList<string> Names(JsonObject test, string prefix) =>
        [.. test["outputs"]!.AsObject().Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(p => p.Key[prefix.Length..])];

    /// <summary>How much of what is allowed a difference takes.</summary>
    /// <exception cref="MismatchException">More than all.</exception>
    public static double Share(string name, Tensor actual, Tensor expected, Tensor allow)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        if (actual.numel() != expected.numel()) throw new MismatchException($"{name} has {actual.numel()} elements; expected {expected.numel()}");
        var share = ((actual.to(float64).reshape(-1) - expected.to(float64).reshape(-1)).abs() / allow.to(float64).reshape(-1)).max().ToDouble();
        return share <= 1 ? share : throw new MismatchException($"{name} differs by {share:g3} of what is allowed");
    }

    /// <inheritdoc cref="Share(string, Tensor, Tensor, Tensor)"/>
    public static double Share(string name, Tensor actual, Tensor expected, double allow)
    {
        using var allowed = tensor(allow);
        return Share(name, actual, expected, allowed);
    }
}
