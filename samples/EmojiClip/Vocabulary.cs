using System.Diagnostics;

namespace EmojiClip;

/// <summary>Trains the vocabulary with SentencePiece's own program, <c>spm_train</c> (Debian's package <c>sentencepiece</c>).</summary>
internal static class Vocabulary
{
    public const int Pieces = 12_000;

    /// <summary>The largest id is that of &lt;mask&gt;: XLM-RoBERTa's layout has two ids more than SentencePiece's.</summary>
    public const int Size = Pieces + 2;

    /// <summary>Writes <c>sentencepiece.bpe.model</c> into a folder unless it is there.</summary>
    public static void Train(EmojiSet emoji, string folder)
    {
        var model = Path.Combine(folder, "sentencepiece.bpe.model");
        if (File.Exists(model)) return;
        Directory.CreateDirectory(folder);
        var (texts, prefix) = (Path.Combine(folder, "texts.txt"), Path.Combine(folder, "vocabulary"));
        File.WriteAllLines(texts, emoji.Captions.SelectMany(language => Lines(language.Value, Languages.Weight(language.Key))));
        using var process = Process.Start(new ProcessStartInfo("spm_train",
        [
            $"--input={texts}", $"--model_prefix={prefix}", $"--vocab_size={Pieces}", "--model_type=unigram", "--character_coverage=0.9997",
            "--num_threads=2", "--shuffle_input_sentence=false", "--input_sentence_size=0", "--minloglevel=1",
        ]))!;
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"spm_train ended with {process.ExitCode}.");
        File.Move(prefix + ".model", model);
        File.Delete(prefix + ".vocab");
        File.Delete(texts);
    }

    /// <summary>A language's names and keywords, the names of a language with many speakers several times.</summary>
    private static IEnumerable<string> Lines(Caption?[] captions, double weight)
    {
        var times = Math.Max(1, (int)Math.Round(weight));
        foreach (var caption in captions.OfType<Caption>())
        {
            for (var i = 0; i < times; i++) yield return caption.Name;
            yield return string.Join(", ", caption.Keywords);
        }
    }
}
