using System.Globalization;

namespace AltClip.Fuzz;

/// <summary>What the program is asked to do.</summary>
/// <param name="Data">The folder with the seeds.</param>
/// <param name="Seconds">How long to go on.</param>
/// <param name="Seed">From which every mutation follows.</param>
/// <param name="Output">Where inputs that break something are kept.</param>
/// <param name="Target">The one reader that is tried; null for all in turn.</param>
/// <param name="Only">The one input that is tried, to look into it; null for all.</param>
internal sealed record FuzzArguments(string Data, double Seconds, int Seed, string Output, string? Target, long? Only)
{
    public const string Usage =
        "usage: AltClip.Fuzz TESTS/DATA [--seconds 60] [--seed 1] [--output artifacts/fuzz] [--target NAME] [--only NUMBER]";

    public static FuzzArguments? Parse(string[] args)
    {
        if (args.Length == 0 || args.Length % 2 == 0 || !Directory.Exists(args[0])) return null;
        var parsed = new FuzzArguments(args[0], 60, 1, Path.Combine("artifacts", "fuzz"), null, null);
        for (var i = 1; i < args.Length; i += 2)
        {
            var value = args[i + 1];
            switch (args[i])
            {
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds): parsed = parsed with { Seconds = seconds }; break;
                case "--seed" when int.TryParse(value, out var seed): parsed = parsed with { Seed = seed }; break;
                case "--output": parsed = parsed with { Output = value }; break;
                case "--target": parsed = parsed with { Target = value }; break;
                case "--only" when long.TryParse(value, out var only): parsed = parsed with { Only = only }; break;
                default: return null;
            }
        }
        return parsed;
    }
}
