// Teaches the shipped model ten new classes with low-rank adapters, from eight pictures each. Run from the repository's root:
//   dotnet run -c Release --project samples/LoraFineTuning
using AltClip;
using AltClip.Imaging;
using AltClip.Modeling.Adapters;
using AltClip.Training;
using AltClip.Training.Augmentation;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

const string pictures = "samples/LoraFineTuning/pictures", target = "altclip-emoji-classes";
string[] classes = [.. Directory.GetDirectories(Path.Combine(pictures, "train")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)];

manual_seed(1);
using var model = AltCLIPModel.FromPretrained("models/altclip-emoji");
using var processor = AltCLIPProcessor.FromPretrained("models/altclip-emoji");
using var names = processor.Process(text: classes);
Console.WriteLine($"before: {Accuracy():P1} of the test pictures get their class");

using (var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 8, Targets = ["*.query", "*.value", "*.q_proj", "*.v_proj", "*.fc1", "*.fc2"] }))
{
    var changes = new Compose(
        new RandomAffine { Degrees = (-10, 10), Translate = (0.1, 0.1), Scale = (0.8, 1.2), Fill = null, Interpolation = Resampling.Bilinear },
        new RandomApply(0.8, new ColorJitter { Brightness = 0.3, Contrast = 0.3, Saturation = 0.3, Hue = 0.05 }));
    using var loader = BatchLoader.ImageText(Examples("train"), processor, new() { BatchSize = 40, Seed = 1 }, changes);
    using var trainer = new Trainer(adapter, n =>
    {
        using var batch = loader.Get(n);
        var labels = tensor(batch.Captions.Select(name => (long)Array.IndexOf(classes, name)).ToArray());
        return cross_entropy(model.forward(names.InputIds!, batch.Inputs.PixelValues!, names.AttentionMask).LogitsPerImage, labels);
    }, new TrainerOptions { Steps = 60, LearningRate = 2e-3, WarmupSteps = 10, WeightDecay = 0.01 });
    using (var log = new TrainingLog(Path.Combine(Path.GetTempPath(), "lora.csv"))
    {
        Also = p => { if (p.Step % 20 == 0) Console.WriteLine($"step {p.Step} of {p.Steps}: loss {p.Loss:f3}, {p.Remaining:m\\:ss} left"); },
    })
    {
        trainer.Run(log);
    }
    adapter.SavePretrained(target);
    Console.WriteLine($"after: {Accuracy():P1}; the adapter's files: {Directory.GetFiles(target).Sum(file => new FileInfo(file).Length) >> 10} KB in {target}");
}
return 0;

double Accuracy()
{
    using var scope = NewDisposeScope();
    using var withoutGradients = no_grad();
    model.eval();
    var examples = Examples("test");
    var inputs = processor.Process(images: [.. examples.Select(example => example.Image)]);
    var labels = examples.Select(example => Array.IndexOf(classes, example.Captions[0])).ToArray();
    return ZeroShotEvaluation.Score(
        normalize(model.get_image_features(inputs.PixelValues!)), normalize(model.get_text_features(names.InputIds!, names.AttentionMask)), labels, classes).Top1;
}

CaptionedImage[] Examples(string part) => [.. classes.SelectMany(name => Directory.GetFiles(Path.Combine(pictures, part, name)).Order(StringComparer.Ordinal)
    .Select(file => new CaptionedImage(ImageSource.FromFile(file), [name])))];
