#!/usr/bin/env dotnet
#:package AltClip.Models.Emoji@0.*-*
#:package AltClip.Training@0.*-*
#:package TorchSharp-cpu@0.107.0
#:property PublishAot=false
// The model learns ten classes from eight pictures each, by low-rank adapters (LoRA, arXiv 2106.09685):  dotnet run fine-tuning.cs
using AltClip;
using AltClip.Imaging;
using AltClip.Modeling.Adapters;
using AltClip.Models;
using AltClip.Training;
using AltClip.Training.Augmentation;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

manual_seed(1);
var data = Path.GetFullPath("../LoraFineTuning/pictures", (string)AppContext.GetData("EntryPointFileDirectoryPath")!);
string[] classes = [.. Directory.GetDirectories($"{data}/train").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
using var model = AltCLIPModel.FromPretrained(EmojiModel.Folder);
using var processor = AltCLIPProcessor.FromPretrained(EmojiModel.Folder);
using var names = processor.Process(text: classes);
Console.WriteLine($"before: {Top1():P0} of {Examples("test").Length} pictures");

// Each step sees forty pictures, turned, moved, scaled and recoloured a little.
var changes = new Compose(
    new RandomAffine { Degrees = (-10, 10), Translate = (0.1, 0.1), Scale = (0.8, 1.2), Fill = null, Interpolation = Resampling.Bilinear },
    new RandomApply(0.8, new ColorJitter { Brightness = 0.3, Contrast = 0.3, Saturation = 0.3, Hue = 0.05 }));
using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 8, Targets = ["*.query", "*.value", "*.q_proj", "*.v_proj", "*.fc1", "*.fc2"] });
using (var loader = BatchLoader.ImageText(Examples("train"), processor, new() { BatchSize = 40, Seed = 1 }, changes))
using (var trainer = new Trainer(adapter, step =>
{
    using var batch = loader.Get(step);
    var labels = tensor(batch.Captions.Select(name => (long)Array.IndexOf(classes, name)).ToArray());
    return nn.functional.cross_entropy(model.forward(names.InputIds!, batch.Inputs.PixelValues!, names.AttentionMask).LogitsPerImage, labels);
}, new TrainerOptions { Steps = 15, LearningRate = 2e-3, WarmupSteps = 3, WeightDecay = 0.01 }))
{
    trainer.Run(null);
}
Console.WriteLine($"after: {Top1():P0}");
// adapter.SavePretrained(folder) writes it in the files of Python's peft; adapter.Merge() puts it into the model's weights.

CaptionedImage[] Examples(string part) => [.. classes.SelectMany(name => Directory.GetFiles($"{data}/{part}/{name}")
    .Order(StringComparer.Ordinal).Select(file => new CaptionedImage(ImageSource.FromFile(file), [name])))];

double Top1()
{
    using var scope = NewDisposeScope();
    using var withoutGradients = no_grad();
    model.eval();
    var examples = Examples("test");
    var inputs = processor.Process(images: [.. examples.Select(example => example.Image)]);
    var output = model.forward(names.InputIds!, inputs.PixelValues!, names.AttentionMask);
    int[] labels = [.. examples.Select(example => Array.IndexOf(classes, example.Captions[0]))];
    return ZeroShotEvaluation.Score(output.ImageEmbeds, output.TextEmbeds, labels, classes).Top1;
}
