using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip evaluate zero-shot|retrieval</c></summary>
internal static class EvaluateCommand
{
    public static Command Create(CliConsole console) => new(
        "evaluate", "Measures a model on a labelled data set: zero-shot classification, or retrieval between pictures and captions.")
    {
        EvaluateZeroShotCommand.Create(console),
        EvaluateRetrievalCommand.Create(console),
    };
}
