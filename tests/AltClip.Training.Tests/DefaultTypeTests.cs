using AltClip.Tests;
using AltClip.Training.Losses;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>The type that torch gives to tensors where none is said is the program's: training doesn't depend on it.</summary>
[Collection(nameof(ProcessWide))]
public sealed class DefaultTypeTests
{
    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float64)]
    public void TrainingGivesTheSameWeights(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var (ids, pixels) = (ModelBuilder.Ids(4), ModelBuilder.Pixels(4));
        var expected = Trained(ids, pixels);
        set_default_dtype(type);
        try
        {
            Assert.Equal(expected, Trained(ids, pixels));
        }
        finally
        {
            set_default_dtype(ScalarType.Float32);
        }
    }

    /// <summary>The weights after some steps of a fresh model, and the loss's bias.</summary>
    private static float[] Trained(Tensor ids, Tensor pixels)
    {
        using (manual_seed(4)) { }
        using var model = ModelBuilder.Model();
        using var loss = new SigmoidLoss();
        using var module = loss.TrainedWith(model);
        var options = new TrainerOptions { Steps = 3, LearningRate = 1e-2, Muon = ["*.fc1.weight"], Average = new() { Decay = 0.9 }, Seed = 2 };
        using (var trainer = new Trainer(module, _ => GradientCache.Backward(model, loss, ids, pixels, chunk_size: 3), options)) trainer.Run();
        return [.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray()), loss.logit_bias.item<float>()];
    }
}
