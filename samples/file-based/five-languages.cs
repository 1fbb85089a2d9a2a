#!/usr/bin/env dotnet
#:package AltClip.Models.Emoji@0.*-*
#:package TorchSharp-cpu@0.107.0
#:property PublishAot=false
// The same eight pictures are asked for in five languages:  dotnet run five-languages.cs
using AltClip;
using AltClip.Models;

var folder = Path.GetFullPath("../../tests/data/emoji", (string)AppContext.GetData("EntryPointFileDirectoryPath")!);
string[] files = ["cactus", "dog-face", "guitar", "penguin", "pizza", "red-apple", "rocket", "volcano"];
ImageSource[] pictures = [.. files.Select(name => ImageSource.FromFile(Path.Combine(folder, $"{name}.png")))];
var names = new Dictionary<string, string[]>
{
    ["English"] = ["cactus", "dog face", "guitar", "penguin", "pizza", "red apple", "rocket", "volcano"],
    ["中文"] = ["仙人掌", "狗脸", "吉他", "企鹅", "披萨", "红苹果", "火箭", "火山"],
    ["français"] = ["cactus", "tête de chien", "guitare", "pingouin", "pizza", "pomme rouge", "fusée", "volcan"],
    ["हिन्दी"] = ["कैक्टस", "कुत्ते का चेहरा", "गिटार", "पेंगुइन", "पिज़्ज़ा", "लाल सेब", "रॉकेट", "ज्वालामुखी"],
    ["العربية"] = ["صبار", "وجه كلب", "جيتار", "بطريق", "بيتزا", "تفاحة حمراء", "صاروخ", "بركان"],
};

using var pipeline = await AltCLIPPipeline.FromPretrainedAsync(EmojiModel.Folder);
foreach (var (language, labels) in names)
{
    // A classifier embeds its labels once; with templates, a label is the mean of several sentences.
    using var classifier = await pipeline.CreateClassifierAsync(labels, templates: ["{}", "a picture of {}"]);
    var found = await classifier.ClassifyAsync(pictures);
    Console.WriteLine($"{language}: {found.Where((answers, i) => answers[0].Label == labels[i]).Count()} of {pictures.Length} pictures");
}
