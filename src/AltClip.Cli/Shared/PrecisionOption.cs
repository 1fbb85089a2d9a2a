using System.CommandLine;

namespace AltClip.Cli;

/// <summary><c>--precision</c> of commands that compute embeddings.</summary>
internal sealed class PrecisionOption : Option<InferencePrecision>
{
    public PrecisionOption() : base("--precision", "-p")
    {
        Description = "The numbers to compute in; the shorter, the faster.";
        HelpName = "float32|bfloat16|int8";
        DefaultValueFactory = _ => InferencePrecision.Float32;
        AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "float32", "bfloat16", "int8");
    }
}
