using System.CommandLine;
using static TorchSharp.torch;

namespace AltClip.Cli;

/// <summary><c>--dtype</c> of weights that are written.</summary>
internal sealed class DtypeOption : Option<string?>
{
    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["float32"] = ScalarType.Float32,
        ["float16"] = ScalarType.Float16,
        ["bfloat16"] = ScalarType.BFloat16,
    };

    public DtypeOption() : base("--dtype", "-d")
    {
        Description = "The type of the numbers written. Default: that of most of the numbers read.";
        HelpName = string.Join('|', Types.Keys);
        AcceptOnlyFromAmong([.. Types.Keys]);
    }

    /// <summary>A type's name in Python.</summary>
    public static string NameOf(ScalarType type) => type.ToString().ToLowerInvariant();

    /// <summary>What was asked for.</summary>
    public ScalarType? Type(ParseResult parsed) => parsed.GetValue(this) is { } name ? Types[name] : null;
}
