using System.Text.Json;
using AltClip;
using AltClip.Native;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Scores a finished model on every drawing, each perturbed once.</summary>
internal static class Evaluation
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Prints tables and writes <c>scores.json</c> beside the model.</summary>
    /// <param name="emoji">The emoji.</param>
    /// <param name="folder">The model.</param>
    /// <param name="heldOut">The artist that it was not trained on, or null.</param>
    public static void Run(EmojiSet emoji, string folder, string? heldOut)
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var model = AltCLIPModel.FromPretrained(folder);
        using var processor = AltCLIPProcessor.FromPretrained(folder);
        var scores = new Scores(emoji, processor.Tokenizer);
        var pictures = Parts.Embed(
            emoji.Drawings.Length, i => Pictures.Source(Perturbation.Draw(emoji.Drawings[i], Sprite.Side, i)), sources =>
            {
                using var inputs = processor.Process(images: sources);
                using var features = model.get_image_features(inputs.PixelValues!);
                return Texts.Unit(features);
            });

        var words = new EverydayWords(emoji);
        var artists = emoji.Drawings.Select(drawing => drawing.Artist).Distinct().ToDictionary(artist => artist, artist => Of(artist, "en"));
        var languages = emoji.Captions.Keys.ToDictionary(language => language, language => Of(null, language));
        Print("artist", artists, artist => artist == heldOut ? " (held out)" : "");
        Print("language, trained artists", languages.OrderByDescending(score => score.Value.Top1).ToDictionary(), _ => "");
        var judged = Recipe.Judged.Average(language => languages[language].Top1);
        Console.WriteLine($"mean of {string.Join(", ", Recipe.Judged)}: {judged:P1}, {judged / languages["en"].Top1:P1} of English");
        var (wordsOfPictures, picturesOfWords) = (ByArtists(words.OfPictures), ByArtists(words.OfWords));
        Print("everyday words of a picture", wordsOfPictures, _ => "");
        Print("pictures of an everyday word", picturesOfWords, _ => "");
        File.WriteAllText(
            Path.Combine(folder, "scores.json"),
            JsonSerializer.Serialize(new { heldOut, artists, languages, wordsOfPictures, picturesOfWords }, Readable) + "\n");

        Dictionary<string, Accuracy> ByArtists(Func<AltCLIPModel, XLMRobertaTokenizer, Tensor, IReadOnlyList<Drawing>, Accuracy> score) =>
            new[] { ("trained", false), ("held-out", true) }.ToDictionary(group => group.Item1, group =>
            {
                using var inner = NewDisposeScope();
                var chosen = emoji.Drawings.Index().Where(drawing => drawing.Item.Artist == heldOut == group.Item2).ToArray();
                return score(
                    model, processor.Tokenizer, pictures.index_select(0, tensor(chosen.Select(d => (long)d.Index).ToArray())), [.. chosen.Select(d => d.Item)]);
            });

        Accuracy Of(string? artist, string language)
        {
            using var inner = NewDisposeScope();
            var chosen = emoji.Drawings.Index().Where(d => artist is null ? d.Item.Artist != heldOut : d.Item.Artist == artist).ToArray();
            var rows = pictures.index_select(0, tensor(chosen.Select(d => (long)d.Index).ToArray()));
            return scores.Compare(model, rows, [.. chosen.Select(d => d.Item)], language);
        }
    }

    private static void Print(string title, Dictionary<string, Accuracy> scores, Func<string, string> note)
    {
        Console.WriteLine($"| {title} | top-1 | top-5 |\n| --- | --- | --- |");
        foreach (var (name, score) in scores) Console.WriteLine($"| {name}{note(name)} | {score.Top1:P1} | {score.Top5:P1} |");
        Console.WriteLine();
    }
}
