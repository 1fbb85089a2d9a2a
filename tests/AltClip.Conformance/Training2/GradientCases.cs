using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>The loss of a batch and the gradient of every parameter, at once and by gradient caching; and embeddings.</summary>
internal static class GradientCases
{
    public static double LossAndGradients(Training2Case test)
    {
        test.OnlyOptions("loss", "batches", "init");
        int[] batches = [.. test.Options["batches"]!.AsArray().Select(number => (int)number!)];
        using var trained = new TrainedLoss(test);
        var loss = trained.Of(batches);
        loss.backward();
        var worst = Check(test, "", trained, loss);
        foreach (var chunk in test.Node["chunks"]?.AsArray() ?? [])
        {
            trained.Trained.zero_grad();
            foreach (var parameter in trained.Trained.parameters()) parameter.grad = null;
            worst = Math.Max(worst, Check(test, $" in chunks of {chunk}", trained, trained.Cached(batches, (int)chunk!)));
        }
        return worst;
    }

    public static double Embeddings(Training2Case test)
    {
        test.OnlyOptions("batches");
        int[] numbers = [.. test.Options["batches"]!.AsArray().Select(number => (int)number!)];
        var batches = new PairBatches(test);
        using var model = AltCLIPModel.FromPretrained(test.Checkpoint);
        using var noGrad = no_grad();
        model.train();
        return Math.Max(
            test.Part("image_embeds", model.get_image_features(batches.Pixels(numbers)).ToUnitLength(), test.Allow("image_embeds")),
            test.Part("text_embeds", model.get_text_features(batches.Ids(numbers), batches.Mask(numbers)).ToUnitLength(), test.Allow("text_embeds")));
    }

    private static double Check(Training2Case test, string how, TrainedLoss trained, Tensor loss)
    {
        var gradients = trained.Parameters.Where(p => p.Value.grad is not null).ToDictionary(p => "grad." + p.Key, p => p.Value.grad!);
        Compare.SameNames("outputs" + how, ["loss", .. gradients.Keys], test.Outputs);
        return gradients.Append(new("loss", loss.detach().reshape(1)))
            .Max(p => Training2Case.Part(p.Key + how, p.Value, test.Output(p.Key), test.Allow(p.Key)));
    }
}
