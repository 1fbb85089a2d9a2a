using System.Text.Json.Nodes;
using AltClip.Training.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>Embeddings gathered with their gradients: <c>gathered_loss_and_gradients</c>.</summary>
internal static class GatheredCase
{
    /// <summary>Runs a case with as many ranks as it says.</summary>
    /// <returns>The largest part of an allowance that was used, 1 at most.</returns>
    /// <exception cref="MismatchException">A result is not the reference's.</exception>
    public static double Run(DataParallelCases cases, JsonObject test)
    {
        using var scope = NewDisposeScope();
        var options = test["options"]!;
        Compare.SameNames("options", options.AsObject().Select(p => p.Key), ["loss", "batches", "world_size", "local_loss", "gather_with_grad", "init"]);
        if (!(bool)options["gather_with_grad"]!) throw new MismatchException("gather_with_grad false is not known");
        var worldSize = (int)options["world_size"]!;
        // SigLIP's has no other form than the local one.
        var local = (bool?)options["local_loss"] ?? true;
        var ranks = RankThreads.Run(worldSize, group => Rank(cases, test, group, local));

        var (allow, known) = (test["allow"]!, cases.Case(((string)test["allow"]!["mean.grad."]!)["as ".Length..]));
        List<double> shares =
        [
            Share("losses", tensor(ranks.Select(rank => rank.Loss).ToArray())),
            Share("logit_scale_grads", tensor(ranks.Select(rank => rank.Gradients["logit_scale"].ToDouble()).ToArray())),
            Share("image_embeds_grad", cat([.. ranks.Select(rank => rank.ImageGradient)])),
            Share("text_embeds_grad", cat([.. ranks.Select(rank => rank.TextGradient)])),
        ];
        Compare.SameNames("mean.grad", ranks[0].Means.Keys, DataParallelCases.Names(test, "mean.grad."));
        foreach (var name in DataParallelCases.Names(test, "mean.grad."))
            shares.AddRange(ranks.Select(rank => Gradient("mean", name, rank.Means[name], 1)));
        for (var i = 0; i < worldSize; i++)
            shares.AddRange(DataParallelCases.Names(test, $"rank{i}.grad.").Select(name => Gradient($"rank{i}", name, ranks[i].Gradients[name], 4)));
        return shares.Max();

        double Share(string name, Tensor actual) => DataParallelCases.Share(name, actual, cases.Expected(test, name), (double)allow[name]!);

        double Gradient(string whose, string name, Tensor actual, double times) => DataParallelCases.Share(
            $"{whose}.grad.{name}", actual, cases.Expected(test, $"{whose}.grad.{name}"), times * (double)known["allow"]!["grad." + name]!);
    }

    private static Result Rank(DataParallelCases cases, JsonObject test, ProcessGroup group, bool local)
    {
        using var loss = cases.CreateLoss(test);
        using var gathered = new GatheredLoss(loss, group, local);
        using var model = cases.Model(test, loss);
        var rows = cases.Rows(test, test["options"]!["batches"]!.AsArray().Select(n => (int)n!), group.Rank, group.WorldSize);
        var output = model.forward(rows[0], rows[2], rows[1]);
        // Leaves, whose gradient can be looked at.
        var (image, text) = (output.ImageEmbeds.detach().requires_grad_(), output.TextEmbeds.detach().requires_grad_());
        var value = gathered.forward(image, text, model.logit_scale);
        value.backward();
        ((output.ImageEmbeds * image.grad!).sum() + (output.TextEmbeds * text.grad!).sum()).backward();
        List<(string name, Parameter parameter)> parameters = [.. model.named_parameters(), .. loss.named_parameters()];
        var own = Gradients(parameters);
        new GradientAverage(group, parameters.Select(p => p.parameter)).Take();
        return new(value.ToDouble(), image.grad!, text.grad!, own, Gradients(parameters));
    }

    private static Dictionary<string, Tensor> Gradients(IEnumerable<(string name, Parameter parameter)> parameters) =>
        parameters.Where(p => p.parameter.grad is not null).ToDictionary(p => p.name, p => p.parameter.grad!.clone());

    private sealed record Result(
        double Loss, Tensor ImageGradient, Tensor TextGradient, Dictionary<string, Tensor> Gradients, Dictionary<string, Tensor> Means);
}
