#!/usr/bin/env dotnet
#:package AltClip.Models.Emoji@0.*-*
#:package TorchSharp-cpu@0.107.0
#:property PublishAot=false
// A picture and texts in any language go in; labels, similarities and embeddings come out:  dotnet run first-steps.cs
// The model knows emoji only. For photographs, put "BAAI/AltCLIP" in the place of EmojiModel.Folder: 3.5 GB are then downloaded, once.
using AltClip;
using AltClip.Models;

var pictures = Path.GetFullPath("../../tests/data/emoji", (string)AppContext.GetData("EntryPointFileDirectoryPath")!);
using var pipeline = await AltCLIPPipeline.FromPretrainedAsync(EmojiModel.Folder);

Console.WriteLine("Which label fits?");
var penguin = ImageSource.FromFile(Path.Combine(pictures, "penguin.png"));
foreach (var label in await pipeline.ClassifyAsync(penguin, ["penguin", "火箭", "pizza", "गिटार"]))
    Console.WriteLine($"  {label.Probability:P0} {label.Label}");

Console.WriteLine("Which picture fits 仙人掌?");
ImageSource[] all = [.. Directory.GetFiles(pictures, "*.png").Order(StringComparer.Ordinal).Select(ImageSource.FromFile)];
var best = (await pipeline.RankAsync("仙人掌", all))[0];
Console.WriteLine($"  {Path.GetFileName(all[best.Index].Name)}");

Console.WriteLine("How near are texts?");
var vectors = await pipeline.EncodeTextAsync(["volcano", "火山", "guitar"]);
Console.WriteLine($"  volcano and 火山 {Cosine(vectors[0], vectors[1]):F1}, volcano and guitar {Cosine(vectors[0], vectors[2]):F1}");

// Embeddings have length one: the product is the cosine.
static float Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
