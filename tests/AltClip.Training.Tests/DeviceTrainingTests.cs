using AltClip.Conformance;
using AltClip.Modeling.Adapters;
using AltClip.Tests;
using AltClip.Training.Data;
using AltClip.Training.Distributed;
using AltClip.Training.Evaluation;
using AltClip.Training.Losses;
using AltClip.Training.Teacher;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

/// <summary>Training and evaluation on <see cref="TestDevice"/> give the CPU's numbers.</summary>
[Collection(nameof(ProcessWide))]
public sealed class DeviceTrainingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Checkpoint => _folder.File("run.safetensors");

    private TrainerOptions Options => new() { Steps = 6, LearningRate = 1e-3, CheckpointFile = Checkpoint, CheckpointEvery = 3, Seed = 9 };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ProcessesSendItsTensors()
    {
        var byNccl = TestDevice.Current.type == DeviceType.CUDA && ProcessGroup.IsNcclAvailable;
        using var failing = TestDevice.ForgottenDevicesFail();
        // A GPU each, where they go by NCCL.
        RankThreads.Run(byNccl ? cuda.device_count() : 2, group =>
        {
            CollectiveOperations.Check(group, byNccl ? new Device($"cuda:{group.Rank}") : TestDevice.Current);
            return 0;
        }, join: byNccl ? options => ProcessGroup.Join(options with { Device = new Device($"cuda:{options.Rank}") }) : null);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ARunThatGoesOnOnAnotherDeviceGivesTheSameWeights(bool there)
    {
        using var whole = NewModel(CPU);
        using (var trainer = new Trainer(whole, Loss(whole), Options with { CheckpointFile = null })) trainer.Run();

        using var failing = TestDevice.ForgottenDevicesFail();
        using var first = NewModel(there ? CPU : TestDevice.Current);
        using (var trainer = new Trainer(first, Loss(first, dies: 4), Options)) Assert.Throws<TimeoutException>(() => trainer.Run());
        using var second = NewModel(there ? TestDevice.Current : CPU);
        using var resumed = new Trainer(second, Loss(second), Options);
        Assert.True(resumed.Resume());
        Assert.Equal(3, resumed.Step);
        resumed.Run();
        AssertClose(whole, second);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void AllWaysToTrainComputeThere(bool muon, bool checkpointing)
    {
        var options = Options with
        {
            CheckpointFile = null,
            Muon = muon ? ["*.fc1.weight"] : [],
            GradientCheckpointing = checkpointing,
            Evaluate = () => 1,
            EvaluateEvery = 2,
        };
        using var expected = NewModel(CPU);
        using (var trainer = new Trainer(expected, Loss(expected), options)) trainer.Run();
        using var failing = TestDevice.ForgottenDevicesFail();
        using var found = NewModel(TestDevice.Current);
        using (var trainer = new Trainer(found, Loss(found), options)) trainer.Run();
        AssertClose(expected, found, muon ? 2e-3 : 0); // Muon's own products are of bfloat16
    }

    [Theory]
    [InlineData(null)]
    [InlineData(ScalarType.BFloat16)]
    public void AnAdapterLearnsWithDropoutAndLayersComputedAgain(ScalarType? type)
    {
        using var failing = TestDevice.ForgottenDevicesFail();
        using var model = NewModel(TestDevice.Current, dropout: 0.1);
        using var adapter = LoraAdapter.Attach(model, new LoraOptions { Targets = ["*"], Rank = 4, Dropout = 0.1 });
        List<double> losses = [];
        var options = Options with { CheckpointFile = null, Steps = 30, LearningRate = 1e-2, ComputeType = type, GradientCheckpointing = true };
        using var trainer = new Trainer(adapter, Loss(model), options);
        trainer.Run(new Losses(losses));
        Assert.True(losses[^1] < losses[0] * 0.8, $"{losses[0]} to {losses[^1]}");
        adapter.SavePretrained(_folder.File("adapter"));
        adapter.Merge();
        model.SavePretrained(_folder.File("merged"));
        using var loaded = AltCLIPModel.FromPretrained(_folder.File("merged"));
        AssertClose(loaded, model);
    }

    [Fact]
    public void ABatchInChunksComputesThere()
    {
        using var scope = NewDisposeScope();
        var (ids, pixels) = (ModelBuilder.Ids(6), ModelBuilder.Pixels(6));
        using var expected = NewModel(CPU);
        var loss = GradientCache.ContrastiveBackward(expected, ids, pixels, 4);
        using var failing = TestDevice.ForgottenDevicesFail();
        using var model = NewModel(TestDevice.Current);
        var found = GradientCache.ContrastiveBackward(model, ids.to(TestDevice.Current), pixels.to(TestDevice.Current), 4);
        Assert.Equal(loss.ToDouble(), found.ToDouble(), TestDevice.Tolerance);
        foreach (var (name, parameter) in expected.named_parameters())
        {
            if (parameter.grad is { } gradient) AssertClose(gradient, model.get_parameter(name)!.grad!, name, 0);
        }
    }

    [Fact]
    public void ATeacherComputesThere()
    {
        using var scope = NewDisposeScope();
        using var expected = CLIPTextModelWithProjection.FromPretrained(TestData.Path("checkpoints", "clip-text-gelu"));
        var ids = tensor(new long[] { 47, 1, 2, 48, 47, 3, 48, 48 }, 2, 4);
        var embeddings = expected.forward(ids).TextEmbeds;
        using var failing = TestDevice.ForgottenDevicesFail();
        using var model = CLIPTextModelWithProjection.FromPretrained(TestData.Path("checkpoints", "clip-text-gelu"), device: TestDevice.Current);
        AssertClose(embeddings, model.forward(ids.to(TestDevice.Current)).TextEmbeds, "teacher", 0);
    }

    [Fact]
    public async Task BatchesAreMadeAndEvaluationComputesThere()
    {
        CaptionedImage[] examples = [.. ((string[])["x_cat.jpg", "x_dog.jpg", "dog.jpeg", "1.jpeg"]).Select(name =>
            new CaptionedImage(ImageSource.FromFile(TestData.Path("images", "real", name)), [name, "一张照片"]))];
        using var whole = AltCLIPPipeline.FromPretrained(TestData.Path("e2e"));
        var expected = await RetrievalEvaluation.RunAsync(whole, examples, cancellationToken: TestContext.Current.CancellationToken);

        using var failing = TestDevice.ForgottenDevicesFail();
        using var pipeline = AltCLIPPipeline.FromPretrained(TestData.Path("e2e"), new() { Device = TestDevice.Current });
        var found = await RetrievalEvaluation.RunAsync(pipeline, examples, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(expected.MeanRecall, found.MeanRecall);
        using var loader = BatchLoader.ImageText(
            examples, pipeline.Processor, new() { BatchSize = 2 },
            processing: new() { Text = new() { Padding = PaddingStrategy.Longest }, Device = TestDevice.Current });
        using var batch = loader.Get(0, TestContext.Current.CancellationToken);
        foreach (var tensor in new[] { batch.Inputs.InputIds!, batch.Inputs.AttentionMask!, batch.Inputs.PixelValues! })
            Assert.Equal(TestDevice.Current.type, tensor.device_type);
    }

    private static AltCLIPModel NewModel(Device device, double dropout = 0)
    {
        var before = get_default_device();
        set_default_device(CPU);
        try
        {
            manual_seed(1);
            return ModelBuilder.Model(dropout).to(device);
        }
        finally
        {
            set_default_device(before);
        }
    }

    private static Func<long, Tensor> Loss(AltCLIPModel model, long dies = -1)
    {
        var device = model.logit_scale.device;
        return batch => batch == dies ? throw new TimeoutException() : model.forward(
            arange(24, device: device).remainder(40).add(4).view(4, 6).roll(batch % 2, 1),
            linspace(-2, 2, 4 * 3 * 16 * 16, device: device).view(4, 3, 16, 16) * (1 + batch % 2), return_loss: true).Loss!;
    }

    private static void AssertClose(AltCLIPModel expected, AltCLIPModel found, double rough = 0) =>
        Assert.All(expected.named_parameters(), pair => AssertClose(pair.parameter, found.get_parameter(pair.name)!, pair.name, rough));

    private static void AssertClose(Tensor expected, Tensor found, string name, double rough)
    {
        using var scope = NewDisposeScope();
        var scale = Math.Max(1, expected.abs().max().ToDouble());
        var difference = (found.cpu() - expected.cpu()).abs().max().ToDouble() / scale;
        Assert.True(difference <= Math.Max(rough, TestDevice.Tolerance), $"{name}: {difference}");
    }

    private sealed class Losses(List<double> values) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => values.Add(value.Loss);
    }
}
