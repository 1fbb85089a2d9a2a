using System.Diagnostics;
using AltClip.Tests;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class CollectedMeanwhileTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(6);

    private static readonly TrainerOptions Options = new()
    {
        Steps = 5,
        LearningRate = 1e-3,
        Accumulate = 2,
        Muon = ["vision_model.*.fc1.weight"],
        Average = new() { Decay = 0.8 },
    };

    [Fact]
    public void TrainingGivesTheSameWeights()
    {
        using var scope = NewDisposeScope();
        var (ids, pixels) = (ModelBuilder.Ids(4), ModelBuilder.Pixels(4));
        using var model = ModelBuilder.Model();
        var start = model.state_dict().ToDictionary(part => part.Key, part => part.Value.clone());
        var expected = Trained();
        using var collecting = new CollectingThread();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Duration;) Assert.Equal(expected, Trained());

        float[] Trained()
        {
            using var inner = NewDisposeScope();
            model.load_state_dict(start);
            using var trainer = new Trainer(model, _ => model.forward(ids, pixels, return_loss: true).Loss!, Options);
            trainer.Run();
            trainer.TakeAverage();
            return [.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
        }
    }
}
