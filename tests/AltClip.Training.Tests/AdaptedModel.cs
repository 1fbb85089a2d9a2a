using AltClip.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>What a model gives for four pairs, with the adapter that it has.</summary>
internal static class AdaptedModel
{
    public static Tensor Loss(AltCLIPModel model) => model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4), return_loss: true).Loss!;

    public static double LossOf(AltCLIPModel model)
    {
        using var scope = NewDisposeScope();
        model.eval();
        return Loss(model).ToDouble();
    }

    public static float[] Logits(AltCLIPModel model)
    {
        using var scope = NewDisposeScope();
        model.eval();
        return model.forward(ModelBuilder.Ids(4), ModelBuilder.Pixels(4)).LogitsPerText.data<float>().ToArray();
    }
}
