// Trains a small AltCLIP from nothing on emoji in 117 languages; see the README beside this file. From the repository's root:
//   dotnet run -c Release --project samples/EmojiClip -- train --data FOLDER --work FOLDER --out models/altclip-emoji --hold-out emojione
using System.CommandLine;
using EmojiClip;

var data = new Option<string>("--data") { Description = "The folder of emoji: emoji.tsv, names/*.tsv, a zip an artist.", Required = true };
var work = new Option<string>("--work") { Description = "The folder for checkpoints and the log.", Required = true };
var target = new Option<string>("--out") { Description = "The folder of the model.", Required = true };
var heldOut = new Option<string[]>("--hold-out") { Description = "Artists not to train on, only to test with.", AllowMultipleArgumentsPerToken = true };

var train = new Command("train", "Trains the model; started again it goes on from its last checkpoint.") { data, work, target, heldOut };
train.SetAction((result, cancellationToken) => With(result, recipe => recipe.Run(cancellationToken), cancellationToken));

var compare = new Command("all-at-once", "For comparison: all languages at once, from nothing and without a teacher.") { data, work, target, heldOut };
compare.SetAction((result, cancellationToken) => With(result, recipe => recipe.RunAllAtOnce(cancellationToken), cancellationToken));

var from = new Option<string>("--from") { Description = "The folder of a model that has gone through the stages before.", Required = true };
var words = new Command("words", "Trains the stage of words alone, in which the text encoder learns single words, from a finished model.") { data, work, target, from, heldOut };
words.SetAction((result, cancellationToken) => With(result, recipe => recipe.RunWords(result.GetRequiredValue(from), cancellationToken), cancellationToken, result.GetRequiredValue(from)));

var views = new Command("views", "Trains the stage of views alone, in which the image encoder learns emoji turned, small and on dark colours, from a finished model.") { data, work, target, from, heldOut };
views.SetAction((result, cancellationToken) => With(result, recipe => recipe.RunViews(result.GetRequiredValue(from), cancellationToken), cancellationToken, result.GetRequiredValue(from)));

var styles = new Command("styles", "Trains the last stage alone, in which the image encoder learns artists that there are not, from a finished model.") { data, work, target, from, heldOut };
styles.SetAction((result, cancellationToken) => With(result, recipe => recipe.RunStyles(result.GetRequiredValue(from), cancellationToken), cancellationToken, result.GetRequiredValue(from)));

var artist = new Option<string>("--hold-out") { Description = "The artist not trained on, whose pictures are used.", Required = true };
var calibrate = new Command("calibrate", "Finds the threshold of a finished model for \"none of these\", on the artist not trained on.") { data, target, artist };
calibrate.SetAction((result, _) =>
{
    Calibration.Run(EmojiSet.Load(result.GetRequiredValue(data)), result.GetRequiredValue(target), result.GetRequiredValue(artist));
    return Task.CompletedTask;
});

var evaluate = new Command("evaluate", "Scores a finished model on every drawing, perturbed.") { data, target, heldOut };
evaluate.SetAction((result, _) =>
{
    Evaluation.Run(EmojiSet.Load(result.GetRequiredValue(data)), result.GetRequiredValue(target), result.GetValue(heldOut) ?? []);
    return Task.CompletedTask;
});

return await new RootCommand("Trains a small AltCLIP from nothing on emoji.") { train, compare, words, views, styles, evaluate, calibrate }.Parse(args).InvokeAsync();

Task<int> With(ParseResult result, Action<Recipe> act, CancellationToken cancellationToken, string? from = null)
{
    using var recipe = new Recipe(
        EmojiSet.Load(result.GetRequiredValue(data)), result.GetRequiredValue(work), result.GetRequiredValue(target), result.GetValue(heldOut) ?? [], from);
    try
    {
        act(recipe);
        return Task.FromResult(0);
    }
    catch (Exception e) when (cancellationToken.IsCancellationRequested && e is OperationCanceledException or AggregateException)
    {
        Console.Error.WriteLine("Stopped. The same command goes on from the last checkpoint.");
        return Task.FromResult(1);
    }
}
