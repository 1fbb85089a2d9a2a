using System.Text;
using System.Text.Json;
using AltClip.Training;
using AltClip.Training.Teacher;
using static TorchSharp.torch;

namespace AltClip.Fuzz.Readers;

/// <summary>What reads checkpoints of training, and the teacher's tokenizer.</summary>
internal sealed class TrainingReaders : IDisposable
{
    private const string Checkpoint = "checkpoint.safetensors";
    private const int Merges = 30;

    private static readonly string[] Texts = ["", "a dog, 一只狗 isn't", "<|startoftext|> the<|endoftext|>", "\ud800 \U0001F468", new('n', 3000)];

    private readonly nn.Module<Tensor, Tensor> _model = nn.Linear(2, 3);

    public IEnumerable<(string Name, Func<FuzzTarget> Create)> All(Seeds seeds) =>
    [
        ("checkpoint", () => new("", [seeds.Written("a checkpoint", WriteCheckpoint)], ReadCheckpoint, NamesMember: true)),
        ("clip-tokenizer", () => new("", [.. Tokenizers(seeds)], folder => CLIPTokenizer.FromPretrained(folder).Encode(Texts))),
    ];

    public void Dispose() => _model.Dispose();

    private Trainer New(string folder) => new(_model, _ => _model.forward(ones(1, 2)).sum(), new()
    {
        Steps = 3,
        CheckpointFile = Path.Combine(folder, Checkpoint),
        Evaluate = () => 0.5,
        EvaluateEvery = 1,
        Average = new() { Decay = 0.9 },
        Settings = new Dictionary<string, string> { ["batch_size"] = "1" },
    });

    private void WriteCheckpoint(string folder)
    {
        using var trainer = New(folder);
        trainer.Run();
        trainer.SaveCheckpoint();
    }

    private void ReadCheckpoint(string folder)
    {
        using var trainer = New(folder);
        trainer.Resume();
    }

    /// <summary>The vocabulary of bytes and a few merges, in both forms.</summary>
    private static IEnumerable<FuzzSeed> Tokenizers(Seeds seeds)
    {
        string[] merges = [.. File.ReadLines(seeds.At("clip-tokenizer", "merges.txt")).Skip(1).Take(Merges)];
        var all = JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(seeds.At("clip-tokenizer", "vocab.json")))!;
        string[] special = ["<|startoftext|>", "<|endoftext|>"];
        var kept = all.OrderBy(token => token.Value).Select(token => token.Key).Take(512).Concat(merges.Select(merge => merge.Replace(" ", "", StringComparison.Ordinal))).Concat(special);
        var ids = kept.Index().ToDictionary(token => token.Item, token => token.Index);
        yield return seeds.Of("vocab.json", ("vocab.json", JsonSerializer.SerializeToUtf8Bytes(ids)), ("merges.txt", Encoding.UTF8.GetBytes("#version: 0.2\n" + string.Join('\n', merges))));
        yield return seeds.Of("tokenizer.json", ("tokenizer.json", JsonSerializer.SerializeToUtf8Bytes(new
        {
            added_tokens = special.Select(token => new { id = ids[token], content = token, single_word = false, lstrip = false, rstrip = false, normalized = true, special = true }),
            model = new { type = "BPE", end_of_word_suffix = "</w>", vocab = ids, merges },
        })));
    }
}
