using System.CommandLine;
using AltClip.Imaging;
using AltClip.Training.Evaluation;

namespace AltClip.Cli.Commands;

/// <summary>What all evaluations have in common: the model, how it computes, and pictures that can't be read don't stop them.</summary>
internal sealed class EvaluationOptions
{
    private readonly ModelOption _model = new();
    private readonly PrecisionOption _precision = new();
    private readonly DeviceOption _device = new();
    private readonly JsonOption _json = new();
    private readonly Option<int?> _batchSize = new("--batch-size", "-b")
    {
        Description = "How many pictures are computed at once. Default: 8, and 128 on a GPU.",
        HelpName = "N",
    };

    public EvaluationOptions() => _batchSize.RefuseBelow(1);

    public void AddTo(CliCommand command)
    {
        command.Add(_model);
        command.Add(_precision);
        command.Add(_device);
        command.Add(_batchSize);
        command.Add(_json);
    }

    /// <summary>Loads the model, evaluates with a bar, and says what came of it.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="console">The console.</param>
    /// <param name="pictures">How many pictures there are.</param>
    /// <param name="evaluate">Evaluates.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public async Task<ExitCode> RunAsync(
        ParseResult parsed, CliConsole console, int pictures,
        Func<AltCLIPPipeline, IProgress<int>, Task<EvaluationResult>> evaluate, CancellationToken cancellationToken)
    {
        var options = new AltCLIPPipelineOptions
        {
            Precision = parsed.GetValue(_precision),
            Device = _device.Read(parsed),
            Images = new() { OnError = ImageErrorHandling.Skip },
        };
        if (parsed.GetValue(_batchSize) is { } batchSize) options = options with { ImageBatchSize = batchSize };
        using var pipeline = await _model.LoadAsync(parsed, console, options, cancellationToken);
        var result = await console.WithProgressAsync("Pictures", pictures, progress => evaluate(pipeline, progress));
        if (parsed.GetValue(_json)) console.WriteJson(result.Json);
        else result.Print(console);
        foreach (var skipped in result.Skipped) console.Note($"not counted: {ErrorText.Of(skipped.Error)}");
        return result.Skipped.Count == 0 ? ExitCode.Done : ExitCode.SomeFailed;
    }
}

/// <summary>What an evaluation found.</summary>
internal sealed record EvaluationResult(string Json, ReportTable Table, IReadOnlyList<SkippedImage> Skipped)
{
    public void Print(CliConsole console)
    {
        ResultTable.Write(console, Table.Header, Table.Rows);
        if (Table.Below.Length > 0) console.Say(Table.Below);
    }
}
