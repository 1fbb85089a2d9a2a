using System.CommandLine;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary>What the linear probe and few-shot evaluation have in common: pictures to learn from and to be asked for, and how probes are fitted.</summary>
internal sealed class ProbeOptions
{
    private readonly Argument<string> _train = new("TRAIN") { Description = $"The pictures to learn from: {LabelledPicturesOptions.Forms}" };
    private readonly Argument<string> _test = new("TEST") { Description = "The pictures that it is asked for, in one of these forms." };
    private readonly Option<double?> _weightDecay = new("--weight-decay")
    {
        Description = "The decay: mean cross-entropy + decay/2 |W|^2; scikit-learn's C is 1/(pictures * decay). Default: searched on pictures that validate, as CLIP does.",
        HelpName = "NUMBER",
    };
    private readonly Option<int> _maxIterations = new("--max-iterations") { Description = "The most iterations of L-BFGS.", HelpName = "N", DefaultValueFactory = _ => 1000 };
    private readonly Option<long> _seed = new("--seed") { Description = "What chance follows from: which pictures validate, or are drawn.", HelpName = "N" };
    private readonly LabelledPicturesOptions _labelled = new();
    private readonly EvaluationOptions _common = new();

    public void AddTo(CliCommand command)
    {
        command.Add(_train);
        command.Add(_test);
        _labelled.AddTo(command);
        foreach (var option in new Option[] { _weightDecay, _maxIterations, _seed }) command.Add(option);
        _common.AddTo(command);
    }

    /// <summary>How probes are fitted.</summary>
    /// <exception cref="UsageException">An option is out of range.</exception>
    public T Read<T>(ParseResult parsed, T options) where T : LinearProbeOptions
    {
        if (parsed.GetValue(_weightDecay) is { } decay && !(decay > 0 && double.IsFinite(decay))) throw new UsageException($"--weight-decay is {decay}; expected a number above 0.");
        if (parsed.GetValue(_maxIterations) is < 1 and var iterations) throw new UsageException($"--max-iterations is {iterations}; expected a number above 0.");
        return (T)(options with { WeightDecay = parsed.GetValue(_weightDecay), MaxIterations = parsed.GetValue(_maxIterations), Seed = parsed.GetValue(_seed) });
    }

    /// <summary>Embeds all pictures, and evaluates.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="console">The console.</param>
    /// <param name="validationPath">Pictures that validate; null for none.</param>
    /// <param name="evaluate">Evaluates on the embeddings to learn from, to be asked for, and that validate, with the names of the classes.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public async Task<ExitCode> RunAsync(
        ParseResult parsed, CliConsole console, string? validationPath,
        Func<LabelledEmbeddings, LabelledEmbeddings, LabelledEmbeddings?, IReadOnlyList<string>, EvaluationResult> evaluate, CancellationToken cancellationToken)
    {
        var given = parsed.GetValue(_labelled.Classes) is { } file ? ZeroShotPrompts.FromFiles(file, dataSet: parsed.GetValue(_labelled.DataSet)) : null;
        string[] paths = [parsed.GetRequiredValue(_train), parsed.GetRequiredValue(_test), .. validationPath is null ? Array.Empty<string>() : [validationPath]];
        List<LabelledImages> sets = [.. paths.Select(path => _labelled.Read(parsed, path, given, cancellationToken))];
        var classes = given?.Classes ?? Classes(paths, sets);
        List<IReadOnlyList<LabelledImage>> pictures = [.. sets.Select(set => given?.Labels is { } part ? LabelledImages.Part(set, part) : set)];
        return await _common.RunAsync(parsed, console, pictures.Sum(own => own.Count), async (pipeline, progress) =>
        {
            var embedded = new List<LabelledEmbeddings>();
            try
            {
                foreach (var own in pictures)
                {
                    var before = pictures.Take(embedded.Count).Sum(done => done.Count);
                    embedded.Add(await LabelledEmbeddings.EncodeAsync(
                        pipeline, own, new ImmediateProgress<int>(done => progress.Report(before + done)), cancellationToken));
                }
                return await Task.Run(() => evaluate(embedded[0], embedded[1], embedded.ElementAtOrDefault(2), classes), cancellationToken);
            }
            finally
            {
                foreach (var own in embedded) own.Dispose();
            }
        }, cancellationToken);
    }

    // Folders must have the same names; numbers go as far as the highest.
    private static IReadOnlyList<string> Classes(string[] paths, List<LabelledImages> sets)
    {
        var most = sets.MaxBy(set => set.Classes.Count)!.Classes;
        for (var i = 0; i < sets.Count; i++)
        {
            var own = sets[i].Classes;
            if (Directory.Exists(paths[i]) ? own.SequenceEqual(sets[0].Classes) : most.Take(own.Count).SequenceEqual(own)) continue;
            throw new UsageException($"The classes of {paths[i]} are {Names(own)}, those of {paths[0]} {Names(sets[0].Classes)}; expected the same, or --classes.");
        }
        return most;
    }

    private static string Names(IReadOnlyList<string> names) => $"{string.Join(", ", names.Take(5))}{(names.Count > 5 ? ", …" : "")} ({names.Count})";
}
