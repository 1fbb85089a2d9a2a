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
var words = Stage("words", "the stage of words alone, in which the text encoder learns single words", (recipe, cancellationToken) => recipe.TrainWords(cancellationToken));
var views = Stage("views", "the stage of views alone, in which the image encoder learns emoji turned, small and on dark colours", (recipe, cancellationToken) => recipe.TrainViews(cancellationToken));
var styles = Stage("styles", "the last stage alone, in which the image encoder learns artists that there are not", (recipe, cancellationToken) => recipe.TrainStyles(cancellationToken));

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

Command Stage(string name, string what, Action<Recipe, CancellationToken> train)
{
    var command = new Command(name, $"Trains {what}, from a finished model.") { data, work, target, from, heldOut };
    command.SetAction((result, cancellationToken) =>
    {
        var folder = result.GetRequiredValue(from);
        return With(result, recipe =>
        {
            recipe.Begin(folder);
            train(recipe, cancellationToken);
        }, cancellationToken, folder);
    });
    return command;
}

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
