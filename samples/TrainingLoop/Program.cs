// Training by hand: the whole loop, without a Trainer. Run from the repository's root:
//   dotnet run -c Release --project samples/TrainingLoop -- tests/data/e2e tests/data/images/real
using AltClip;
using AltClip.Training.Optimization;
using static TorchSharp.torch;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: TrainingLoop MODEL_FOLDER PICTURE_FOLDER (a picture's caption is its file name)");
    return 2;
}
const int steps = 40;
string[] pictures = [.. Directory.GetFiles(args[1]).Where(path => Path.GetExtension(path) is ".jpg" or ".png").Order()];

manual_seed(1);
using var model = AltCLIPModel.FromPretrained(args[0]);
using var processor = AltCLIPProcessor.FromPretrained(args[0]);
using var batch = processor.Process(
    text: [.. pictures.Select(path => "a photo of " + Path.GetFileNameWithoutExtension(path))], images: [.. pictures.Select(ImageSource.FromFile)]);

model.train();
model.ComputeType = ScalarType.BFloat16; // weights, gradients and the optimizer's state stay float32
foreach (var (name, parameter) in model.named_parameters())
    parameter.requires_grad = !name.StartsWith("vision_model."); // the paper's second stage freezes the image encoder
using var optimizer = optim.AdamW(ParameterGroups.ForAdamW(model, weight_decay: 0.2), lr: 1e-3, beta1: 0.9, beta2: 0.98, eps: 1e-6);
for (var step = 1; step <= steps; step++)
{
    using var scope = NewDisposeScope(); // frees every tensor of the step
    optimizer.zero_grad();
    var loss = model.forward(batch, return_loss: true).Loss!;
    loss.backward();
    nn.utils.clip_grad_norm_(model.parameters().Where(parameter => parameter.requires_grad), 1);
    optimizer.step();
    using (no_grad()) model.logit_scale.clamp_(0, Math.Log(100));
    if (step % 10 == 1 || step == steps) Console.WriteLine($"step {step,3} of {steps}: loss {loss.item<float>():f4}");
}
model.SavePretrained(Path.Combine(Path.GetTempPath(), "altclip-training-loop"));
return 0;
