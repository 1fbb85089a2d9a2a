using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--json</c>, which every command with a result has.</summary>
internal sealed class JsonOption : Option<bool>
{
    public JsonOption() : base("--json") => Description = "Print JSON for programs.";
}
