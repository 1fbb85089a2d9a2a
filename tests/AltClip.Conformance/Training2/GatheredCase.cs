using AltClip.Training.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>Embeddings gathered with their gradients from several processes, and the mean of the parameters' gradients over them.</summary>
internal static class GatheredCase
{
    public static double Run(Training2Case test)
    {
        test.OnlyOptions("loss", "batches", "world_size", "local_loss", "gather_with_grad", "init");
        if (!(bool)test.Options["gather_with_grad"]!) throw new MismatchException("gather_with_grad false is not known");
        // SigLIP's has no other form than the local one.
        var local = (bool?)test.Options["local_loss"] ?? true;
        var ranks = RankThreads.Run((int)test.Options["world_size"]!, group => Rank(test, group, local), rank => rank.Tensors);

        var whole = test.Other(((string)test.Node["allow"]!["mean.grad."]!)["as ".Length..]);
        List<double> parts =
        [
            Part("losses", tensor(ranks.Select(rank => rank.Loss).ToArray())),
            Part("logit_scale_grads", tensor(ranks.Select(rank => rank.Gradients["logit_scale"].ToDouble()).ToArray())),
            Part("image_embeds_grad", cat([.. ranks.Select(rank => rank.ImageGradient)])),
            Part("text_embeds_grad", cat([.. ranks.Select(rank => rank.TextGradient)])),
        ];
        Compare.SameNames("mean.grad", ranks[0].Means.Keys, Names("mean.grad."));
        for (var i = 0; i < ranks.Length; i++)
        {
            parts.AddRange(Gradients("mean.grad.", ranks[i].Means, 1));
            parts.AddRange(Gradients($"rank{i}.grad.", ranks[i].Gradients, 4));
        }
        return parts.Max();

        double Part(string name, Tensor actual) => test.Part(name, actual, test.Allow(name));

        IEnumerable<string> Names(string prefix) => test.Outputs.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..]);

        IEnumerable<double> Gradients(string prefix, Dictionary<string, Tensor> actual, double times) =>
            Names(prefix).Select(name => test.Part(prefix + name, actual[name], times * whole.Allow("grad." + name)));
    }

    private static RankResult Rank(Training2Case test, ProcessGroup group, bool local)
    {
        using var trained = new TrainedLoss(test, group: group, local: local);
        var output = trained.Forward([.. test.Options["batches"]!.AsArray().Select(number => (int)number!)]);
        // Leaves, whose gradient can be looked at.
        var (image, text) = (output.ImageEmbeds.detach().requires_grad_(), output.TextEmbeds.detach().requires_grad_());
        var loss = trained.Compared.forward(image, text, trained.Model.logit_scale);
        loss.backward();
        ((output.ImageEmbeds * image.grad!).sum() + (output.TextEmbeds * text.grad!).sum()).backward();
        var own = Gradients(trained);
        new GradientAverage(group, trained.Trained.parameters()).Take();
        return new(loss.ToDouble(), image.grad!, text.grad!, own, Gradients(trained));
    }

    private static Dictionary<string, Tensor> Gradients(TrainedLoss trained) =>
        trained.Parameters.Where(p => p.Value.grad is not null).ToDictionary(p => p.Key, p => p.Value.grad!.clone());

    private sealed record RankResult(
        double Loss, Tensor ImageGradient, Tensor TextGradient, Dictionary<string, Tensor> Gradients, Dictionary<string, Tensor> Means)
    {
        public IEnumerable<Tensor> Tensors => [ImageGradient, TextGradient, .. Gradients.Values, .. Means.Values];
    }
}
