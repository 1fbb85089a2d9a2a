using System.Diagnostics;

namespace EmojiClip;

/// <summary>The vocabulary: SentencePiece's, trained on the names by its own program, <c>spm_train</c> (Debian's package <c>sentencepiece</c>).</summary>
internal static class Vocabulary
{
    /// <summary>XLM-RoBERTa's layout has two ids more than SentencePiece's pieces.</summary>
    public const int Size = Pieces + 2;

    private const int Pieces = 12_000;
    private const string FileName = "sentencepiece.bpe.model";

    /// <summary>Puts a tokenizer into the work folder unless it is there: the shipped one if there is one, else one that is trained.</summary>
    public static void Prepare(EmojiSet emoji, string work, string shipped)
    {
        Directory.CreateDirectory(work);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "tokenizer_config.json"), Path.Combine(work, "tokenizer_config.json"), overwrite: true);
        var file = Path.Combine(work, FileName);
        if (File.Exists(file)) return;
        if (File.Exists(Path.Combine(shipped, FileName))) File.Copy(Path.Combine(shipped, FileName), file);
        else Train(emoji, work, file);
    }

    private static void Train(EmojiSet emoji, string work, string file)
    {
        var (texts, prefix) = (Path.Combine(work, "texts.txt"), Path.Combine(work, "vocabulary"));
        File.WriteAllLines(texts, emoji.Captions.SelectMany(language => Lines(language.Value, Languages.Weight(language.Key))));
        using var process = Process.Start("spm_train",
        [
            $"--input={texts}", $"--model_prefix={prefix}", $"--vocab_size={Pieces}", "--model_type=unigram", "--character_coverage=0.9997",
            "--num_threads=2", "--shuffle_input_sentence=false", "--input_sentence_size=0", "--minloglevel=1",
        ]);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"spm_train ended with {process.ExitCode}.");
        File.Move(prefix + ".model", file);
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
