using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>--accept-failures</c></summary>
internal sealed class AcceptFailuresOption : Option<bool>
{
    public AcceptFailuresOption() : base("--accept-failures") =>
        Description = "End with 0, not 3, if all is done but for inputs that can't be read: a scheduler would run the shard again.";

    /// <summary>The code of a job that is done.</summary>
    public ExitCode CodeOf(ParseResult parsed, long failed) => failed == 0 || parsed.GetValue(this) ? ExitCode.Done : ExitCode.SomeFailed;
}
