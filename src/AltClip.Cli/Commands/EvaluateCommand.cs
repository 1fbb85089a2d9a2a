using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate zero-shot|retrieval|linear-probe|few-shot</c></summary>
internal static class EvaluateCommand
{
    public static Command Create(CliConsole console) => new(
        "evaluate", "Measures a model on a labelled data set: zero-shot classification, retrieval between pictures and captions, a linear probe, or learning from a few pictures.")
    {
        EvaluateZeroShotCommand.Create(console),
        EvaluateRetrievalCommand.Create(console),
        EvaluateLinearProbeCommand.Create(console),
        EvaluateFewShotCommand.Create(console),
    };
}
