// Which text fits the picture best? Without libtorch, on a model that altclip wrote as ONNX. Run from the repository's root:
//   dotnet run -c Release --project src/AltClip.Cli -- export onnx models/altclip-emoji --output emoji-onnx
//   dotnet run -c Release --project samples/OnnxRuntime -- emoji-onnx tests/data/emoji/penguin.png penguin rocket 企鹅
using AltClip;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

if (args.Length < 3)
{
    Console.Error.WriteLine("usage: OnnxRuntime FOLDER PICTURE LABEL...");
    return 2;
}
var (folder, labels) = (args[0], args[2..]);
using var textModel = new InferenceSession(Path.Combine(folder, "onnx", "text_model.onnx"));
using var visionModel = new InferenceSession(Path.Combine(folder, "onnx", "vision_model.onnx"));

// Cut to what the model takes: ONNX Runtime refuses longer texts.
var tokens = XLMRobertaTokenizer.FromPretrained(folder).Encode(
    labels, new TokenizerOptions { Padding = PaddingStrategy.Longest, Truncation = TruncationStrategy.LongestFirst });
using var texts = textModel.Run([Ids("input_ids", tokens.InputIds), Ids("attention_mask", tokens.AttentionMask!)]);
var side = visionModel.InputMetadata["pixel_values"].Dimensions[^1];
var pixels = new DenseTensor<float>([1, 3, side, side]);
CLIPImageProcessor.FromPretrained(folder).Process(ImageSource.FromFile(args[1]), pixels.Buffer.Span);
using var pictures = visionModel.Run([NamedOnnxValue.CreateFromTensor("pixel_values", pixels)]);

var image = pictures[0].AsEnumerable<float>().ToArray();
var scale = texts.Single(value => value.Name == "logit_scale").AsEnumerable<float>().Single();
var logits = texts[0].AsEnumerable<float>().Chunk(image.Length).Select(text => scale * text.Zip(image, (a, b) => a * b).Sum()).ToArray();
var weights = logits.Select(logit => MathF.Exp(logit - logits.Max())).ToArray();
for (var i = 0; i < labels.Length; i++) Console.WriteLine($"{weights[i] / weights.Sum(),6:P1}  {labels[i]}");
return 0;

static NamedOnnxValue Ids(string name, int[][] rows) => NamedOnnxValue.CreateFromTensor(
    name, new DenseTensor<long>(rows.SelectMany(row => row.Select(id => (long)id)).ToArray(), [rows.Length, rows[0].Length]));
