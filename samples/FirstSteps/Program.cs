// Which text fits the picture best? Run from the repository's root:
//   dotnet run -c Release --project samples/FirstSteps -- models/altclip-emoji tests/data/emoji/penguin.png
using AltClip;
using static TorchSharp.torch;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: FirstSteps MODEL_FOLDER PICTURE");
    return 2;
}
string[] labels = ["penguin", "rocket", "企鹅"];

using var model = AltCLIPModel.FromPretrained(args[0]);
using var processor = AltCLIPProcessor.FromPretrained(args[0]);

using var withoutGradients = no_grad();
using var inputs = processor.Process(text: labels, images: [ImageSource.FromFile(args[1])]);
using var output = model.forward(inputs);
using var probabilities = output.LogitsPerImage.softmax(1);

var row = probabilities.ToArray2D();
for (var i = 0; i < labels.Length; i++) Console.WriteLine($"{row[0, i],6:P1}  {labels[i]}");

// The embeddings have length one: their product is the cosine similarity.
using var similarity = output.TextEmbeds.matmul(output.ImageEmbeds.t());
Console.WriteLine($"cosine of \"{labels[0]}\" and the picture: {similarity.ToArray2D()[0, 0]:f3}");
return 0;
