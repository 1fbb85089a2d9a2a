using System.Diagnostics;
using Microsoft.ML.Tokenizers;

namespace AltClip.Benchmarks;

/// <summary>
/// Tokens a second and load times of <see cref="XLMRobertaTokenizer"/> beside Microsoft.ML.Tokenizers called plainly, in turns in
/// one run. Both are given the lines of the reference one after the other on one core; tokens are counted as the reference has them,
/// special tokens included.
/// </summary>
internal static class TokenizerBenchmark
{
    private const int ChunkLines = 500;
    private static readonly int Rounds = Effort.Of(25, quick: 1);
    private static readonly int WarmUpRounds = Effort.Of(15, quick: 0);
    private static readonly int Loads = Effort.Of(6, quick: 2);

    public static void Run(string folder, TextWriter output)
    {
        string[] lines = File.ReadAllText(Path.Combine(folder, "lines.txt")).Split('\n');
        if (Effort.IsQuick) lines = lines[..(2 * ChunkLines)];
        string model = Path.Combine(folder, "sentencepiece.bpe.model");
        string json = Path.Combine(folder, "tokenizer.json");

        output.WriteLine($"load, ms                         first    best of {Loads - 1}");
        XLMRobertaTokenizer ours = Load(output, "AltClip, sentencepiece model", () => XLMRobertaTokenizer.FromFile(model));
        Load(output, "AltClip, tokenizer.json", () => XLMRobertaTokenizer.FromFile(json));
        SentencePieceTokenizer theirs = Load(output, "Microsoft.ML.Tokenizers", () =>
        {
            using FileStream stream = File.OpenRead(model);
            return SentencePieceTokenizer.Create(stream, addBeginningOfSentence: true, addEndOfSentence: true);
        });

        int tokens = ours.Encode(lines).InputIds.Sum(row => row.Length);
        string[][] chunks = [.. lines.Chunk(ChunkLines)];
        var oneCore = new TokenizerOptions { MaxDegreeOfParallelism = 1 };
        output.WriteLine();
        output.WriteLine($"{lines.Length:N0} lines, {tokens:N0} tokens, {Rounds} rounds in turns, {ChunkLines} lines a turn");
        Report(output, tokens, Measure(chunks,
            ("Microsoft.ML.Tokenizers, a call a line", chunk => Array.ForEach(chunk, line => theirs.EncodeToIds(line))),
            ("AltClip, a call a line", chunk => Array.ForEach(chunk, line => ours.Encode(line))),
            ("AltClip, batches, one core", chunk => ours.Encode(chunk, oneCore)),
            ("AltClip, batches, one core, offsets", chunk => ours.Encode(chunk, oneCore with { ReturnOffsetsMapping = true }))));
        output.WriteLine();
        output.WriteLine($"one batch of all lines, {Environment.ProcessorCount} cores");
        Report(output, tokens, Measure([lines],
            ("AltClip, one core", chunk => ours.Encode(chunk, oneCore)),
            ("AltClip, all cores", chunk => ours.Encode(chunk))));
    }

    /// <summary>The seconds that each contestant needs for all chunks: the sums of each chunk's median and of its best.</summary>
    private static (string Name, double Median, double Best)[] Measure(string[][] chunks, params (string Name, Action<string[]> Run)[] contestants)
    {
        var seconds = Array.ConvertAll(contestants, _ => Array.ConvertAll(chunks, _ => new double[Rounds]));
        // the first rounds are the compiler's
        for (int round = -WarmUpRounds; round < Rounds; round++)
        {
            for (int turn = 0; turn < chunks.Length; turn++)
            {
                for (int k = 0; k < contestants.Length; k++)
                {
                    // in another order each round, and not with the chunk that the one before has just brought into the caches
                    int i = (k + round + WarmUpRounds) % contestants.Length;
                    int chunk = (turn + i * chunks.Length / contestants.Length) % chunks.Length;
                    long start = Stopwatch.GetTimestamp();
                    contestants[i].Run(chunks[chunk]);
                    if (round >= 0)
                        seconds[i][chunk][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                }
            }
        }
        return [.. contestants.Select((c, i) =>
            (c.Name, seconds[i].Sum(rounds => rounds.Order().ElementAt(Rounds / 2)), seconds[i].Sum(rounds => rounds.Min())))];
    }

    private static void Report(TextWriter output, int tokens, (string Name, double Median, double Best)[] totals)
    {
        output.WriteLine("M tokens/s                               median     best   to the first: median     best");
        foreach ((string name, double median, double best) in totals)
        {
            output.WriteLine(
                $"{name,-40} {tokens / median / 1e6,6:F2}   {tokens / best / 1e6,6:F2}   {totals[0].Median / median,20:F2}x  {totals[0].Best / best,6:F2}x");
        }
    }

    private static T Load<T>(TextWriter output, string name, Func<T> load)
    {
        var milliseconds = new List<double>();
        T loaded = default!;
        for (int i = 0; i < Loads; i++)
        {
            long start = Stopwatch.GetTimestamp();
            loaded = load();
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        output.WriteLine($"{name,-30} {milliseconds[0],7:F0} {milliseconds.Skip(1).Min(),12:F0}");
        return loaded;
    }
}
