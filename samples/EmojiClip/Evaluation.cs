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
    /// <param name="heldOut">The artists that it was not trained on.</param>
    public static void Run(EmojiSet emoji, string folder, string[] heldOut)
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        using var scope = NewDisposeScope();
        using var model = AltCLIPModel.FromPretrained(folder);
        using var processor = AltCLIPProcessor.FromPretrained(folder);
        var scores = new Scores(emoji, processor.Tokenizer);
        var pictures = Embed((drawing, seed) => Perturbation.Draw(drawing, Sprite.Side, seed));
        var words = new EverydayWords(emoji);
        (string Name, (int Index, Drawing Item)[] Chosen)[] groups =
        [
            ("trained artists", Chosen(drawing => !heldOut.Contains(drawing.Artist))), .. heldOut.Select(artist => (artist, Chosen(drawing => drawing.Artist == artist))),
        ];
        var english = scores.Names(model, "en");
        var artists = emoji.Drawings.Select(drawing => drawing.Artist).Distinct()
            .ToDictionary(artist => artist, artist => InEnglish(pictures, Chosen(drawing => drawing.Artist == artist)));
        var languages = emoji.Captions.Keys.ToDictionary(language => language, language =>
        {
            var (_, trained) = groups[0];
            using var inner = NewDisposeScope();
            return scores.Compare(model, Rows(pictures, trained), Drawn(trained), language);
        });
        Print("artist", artists, artist => heldOut.Contains(artist) ? " (held out)" : "");
        Print("language, trained artists", languages.OrderByDescending(score => score.Value.Top1).ToDictionary(), _ => "");
        var judged = Recipe.Judged.Average(language => languages[language].Top1);
        Console.WriteLine($"mean of {string.Join(", ", Recipe.Judged)}: {judged:P1}, {judged / languages["en"].Top1:P1} of English");
        var (wordsOfPictures, picturesOfWords) = (ByArtists(words.OfPictures), ByArtists(words.OfWords));
        var conditions = Condition.All.ToDictionary(condition => condition.Name, condition =>
        {
            using var inner = NewDisposeScope();
            var met = Embed(condition.Draw);
            return groups.ToDictionary(group => group.Name, group => InEnglish(met, group.Chosen));
        });
        foreach (var (name, _) in groups)
            Print($"{name}, English names", conditions.ToDictionary(condition => condition.Key, condition => condition.Value[name]), _ => "");
        Print("everyday words of a picture", wordsOfPictures, _ => "");
        Print("pictures of an everyday word", picturesOfWords, _ => "");
        File.WriteAllText(
            Path.Combine(folder, "scores.json"),
            JsonSerializer.Serialize(new { heldOut, artists, languages, conditions, wordsOfPictures, picturesOfWords }, Readable) + "\n");

        Dictionary<string, Accuracy> ByArtists(Func<AltCLIPModel, XLMRobertaTokenizer, Tensor, IReadOnlyList<Drawing>, Accuracy> score) =>
            groups.ToDictionary(group => group.Name, group =>
            {
                using var inner = NewDisposeScope();
                return score(model, processor.Tokenizer, Rows(pictures, group.Chosen), Drawn(group.Chosen));
            });

        Tensor Embed(Func<Drawing, int, Canvas> draw) => Parts.Embed(emoji.Drawings.Length, i => Pictures.Source(draw(emoji.Drawings[i], i)), sources =>
        {
            using var inputs = processor.Process(images: sources);
            using var features = model.get_image_features(inputs.PixelValues!);
            return Texts.Unit(features);
        });

        (int Index, Drawing Item)[] Chosen(Func<Drawing, bool> isOne) => [.. emoji.Drawings.Index().Where(d => isOne(d.Item))];

        Tensor Rows(Tensor embeddings, (int Index, Drawing Item)[] chosen) =>
            embeddings.index_select(0, tensor(chosen.Select(d => (long)d.Index).ToArray()));

        Drawing[] Drawn((int Index, Drawing Item)[] chosen) => [.. chosen.Select(d => d.Item)];

        Accuracy InEnglish(Tensor embeddings, (int Index, Drawing Item)[] chosen)
        {
            using var inner = NewDisposeScope();
            return Scores.Nearest(Rows(embeddings, chosen), english.Points, Drawn(chosen), english.Missing);
        }
    }

    private static void Print(string title, Dictionary<string, Accuracy> scores, Func<string, string> note)
    {
        Console.WriteLine($"| {title} | top-1 | top-5 |\n| --- | --- | --- |");
        foreach (var (name, score) in scores) Console.WriteLine($"| {name}{note(name)} | {score.Top1:P1} | {score.Top5:P1} |");
        Console.WriteLine();
    }
}
