using AltClip;
using EmojiClip;
using static TorchSharp.torch;

string Option(string name) => args.SkipWhile(arg => arg != name).Skip(1).FirstOrDefault() ?? throw new ArgumentException($"{name} is missing.");
var work = Option("--work");
Directory.CreateDirectory(work);
var emoji = EmojiSet.Load(Option("--data"));
Vocabulary.Train(emoji, work);
Console.WriteLine($"{emoji.Codes.Length} emoji, {emoji.Drawings.Length} drawings");
if (args.Contains("--preview")) { Preview.Write(emoji, work); return; }
TorchRuntime.EnsureLoaded();
set_num_threads(1);
var tokenizer = XLMRobertaTokenizer.FromPretrained(work);
using (manual_seed(1)) { }
using var model = new AltCLIPModel(Architecture.Config(), WeightInitialization.FanIn);
var heldOut = Option("--hold-out");
var known = emoji.Drawings.Where(d => d.Artist != heldOut).ToArray();
var random = new Random(5);
var knownTest = random.GetDistinct(known, 512);
var unknownTest = random.GetDistinct(emoji.Drawings.Where(d => d.Artist == heldOut).ToArray(), 512);
var log = new RunLog(Path.Combine(work, "log.csv"));
var stage = new EnglishStage(emoji, known, tokenizer);
var scores = new Scores(emoji, tokenizer);
Phase[] phases = args.Contains("--try") ? [new("try", 400, 1e-3, 1e-3, 32)] :
    [new("english-32", 1400, 1e-3, 8e-4, 32, 1, 0.05f, 0.9f), new("english-48", 700, 8e-4, 4e-4, 48, 4, 0.8f, 1), new("english-64", 300, 4e-4, 0, 64, 4)];
foreach (var phase in phases)
{
    var options = new TrainerOptions
    {
        Steps = phase.Steps, LearningRate = phase.LearningRate, FinalLearningRate = phase.FinalLearningRate, WarmupSteps = 50, WeightDecay = 0.1,
        CheckpointFile = Path.Combine(work, phase.Name + ".safetensors"), CheckpointEvery = 100,
    };
    Replicas? replicas = null;
    using var trainer = new Trainer(model, step => tensor(stage.Backward(replicas!, phase, step)), options);
    using (replicas = new Replicas(model, 2))
    {
        trainer.Resume();
        var sum = 0.0;
        trainer.Run(new OnProgress(p =>
        {
            sum += p.Loss;
            if (p.Step % 20 == 0) { log.Write(phase.Name, p.Step, "loss", sum / 20); sum = 0; log.Write(phase.Name, p.Step, "scale", model.logit_scale.exp().item<float>()); log.Write(phase.Name, p.Step, "seconds", p.Elapsed.TotalSeconds); }
            if (p.Step % 200 == 0)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var names = scores.Names(model, "en");
                foreach (var (name, test) in new[] { ("known", knownTest), ("unknown", unknownTest) })
                {
                    var score = scores.Compare(Scores.Pictures(model, test), names, test, "en");
                    log.Write(phase.Name, p.Step, name + " top-1", score.Top1);
                    log.Write(phase.Name, p.Step, name + " top-5", score.Top5);
                }
            }
        }));
    }
}
internal sealed class OnProgress(Action<TrainingProgress> report) : IProgress<TrainingProgress> { public void Report(TrainingProgress value) => report(value); }
