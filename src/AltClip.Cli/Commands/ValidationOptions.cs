using System.CommandLine;
using AltClip.Training.Data;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary>The options of <c>altclip train</c> for measuring while it trains.</summary>
internal sealed class ValidationOptions
{
    private readonly Option<string?> _captions = new("--validation") { Description = "Pictures with captions, as DATA, to measure loss and retrieval on while training; with --teacher texts with translations, for the loss.", HelpName = "FILE" };
    private readonly Option<string?> _images = new("--validation-images") { Description = "The folder of their pictures. Default: the folder of the file.", HelpName = "FOLDER" };
    private readonly Option<string?> _classes = new("--validation-classes") { Description = "A folder with a folder of pictures for each class, to measure zero-shot classification on.", HelpName = "FOLDER" };
    private readonly Option<long> _every = new("--validate-every") { Description = "After how many steps each it is measured; and at the end.", HelpName = "N", DefaultValueFactory = _ => 100 };
    private readonly Option<string?> _bestBy = new("--best-by") { Description = "What says which weights are best: the loss, the mean recall, or top-1 of classes. Default: the first that is measured." };
    private readonly Option<int?> _patience = new("--patience") { Description = "Stop when so many measurements in a row were no better.", HelpName = "N" };
    private readonly Option<bool> _keepBest = new("--keep-best") { Description = "Write the weights that measured best, and not the last." };

    public ValidationOptions() => _bestBy.AcceptOnlyFromAmong(ValidationRun.Loss, ValidationRun.Recall, ValidationRun.Top1);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _captions, _images, _classes, _every, _bestBy, _patience, _keepBest }) command.Add(option);
    }

    /// <summary>What was asked for, its data read; null for no measuring.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="texts">How the table of texts with translations is written, where those train; null for pictures with captions.</param>
    /// <exception cref="UsageException">Something is out of range or doesn't go together.</exception>
    public ValidationRequest? Read(ParseResult parsed, ParallelTextsOptions? texts)
    {
        var (captions, classes) = (parsed.GetValue(_captions), parsed.GetValue(_classes));
        if (captions is null && classes is null)
        {
            foreach (var option in new Option[] { _images, _every, _bestBy, _patience, _keepBest })
            {
                if (parsed.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} goes with --validation or --validation-classes.");
            }
            return null;
        }
        if (parsed.GetValue(_every) < 1) throw new UsageException("--validate-every: expected a number above zero.");
        if (parsed.GetValue(_patience) < 1) throw new UsageException("--patience: expected a number above zero.");
        var bestBy = parsed.GetValue(_bestBy) ?? (captions is null ? ValidationRun.Top1 : ValidationRun.Loss);
        if (bestBy == ValidationRun.Top1 ? classes is null : captions is null)
            throw new UsageException($"--best-by {bestBy} goes with {(bestBy == ValidationRun.Top1 ? "--validation-classes" : "--validation")}.");
        if (bestBy == ValidationRun.Recall && texts is not null) throw new UsageException("--best-by recall is for pictures with captions; it doesn't go with --teacher.");
        return new ValidationRequest(
            captions, captions is null || texts is not null ? null : CaptionedImages.FromFile(captions, new() { ImageFolder = parsed.GetValue(_images) }),
            captions is null || texts is null ? null : ParallelTexts.FromFile(captions, texts),
            classes is null ? null : LabelledImages.FromFolders(classes), parsed.GetValue(_every), bestBy, parsed.GetValue(_patience), parsed.GetValue(_keepBest));
    }
}

/// <summary>What to measure while training.</summary>
/// <param name="File">The table of the captions or the texts; null for none.</param>
/// <param name="Captions">Pictures with captions; null for none.</param>
/// <param name="Texts">Texts with translations, for a teacher; null for none.</param>
/// <param name="Classes">Pictures of classes; null for none.</param>
/// <param name="Every">After how many steps each.</param>
/// <param name="BestBy">What says which weights are best.</param>
/// <param name="Patience">After how many measurements that were no better it stops; null for never.</param>
/// <param name="KeepsBest">Whether the best weights are written.</param>
internal sealed record ValidationRequest(
    string? File, CaptionedImages? Captions, ParallelTexts? Texts, LabelledImages? Classes, long Every, string BestBy, int? Patience, bool KeepsBest)
{
    /// <summary>Whether it decides which weights a run comes to, and doesn't only tell how good they are.</summary>
    public bool Decides => KeepsBest || Patience is not null;

    /// <summary>Tells what is measured apart, wherever it lies.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    public string Fingerprint() => TextsFingerprint.Of(
    [
        BestBy, File is null ? "" : DataFingerprint.Of(File), Captions is null ? "" : DataFingerprint.Of(Captions),
        Texts is null ? "" : DataFingerprint.Of(Texts), Classes is null ? "" : DataFingerprint.Of(Classes),
    ]);
}
