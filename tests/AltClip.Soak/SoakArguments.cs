using System.Globalization;

namespace AltClip.Soak;

/// <summary>What the program is asked to do.</summary>
/// <param name="Data">The folder <c>tests/data</c>.</param>
/// <param name="Seconds">How long to go on.</param>
/// <param name="Threads">How many threads encode at once.</param>
/// <param name="Seed">From which the choices of all threads follow.</param>
internal sealed record SoakArguments(string Data, double Seconds, int Threads, int Seed)
{
    public const string Usage = "usage: AltClip.Soak TESTS/DATA [--seconds 30] [--threads 8] [--seed 1]";

    public static SoakArguments? Parse(string[] args)
    {
        if (args.Length == 0 || args.Length % 2 == 0 || !Directory.Exists(args[0])) return null;
        var parsed = new SoakArguments(args[0], 30, 8, 1);
        for (var i = 1; i < args.Length; i += 2)
        {
            var value = args[i + 1];
            switch (args[i])
            {
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds): parsed = parsed with { Seconds = seconds }; break;
                case "--threads" when int.TryParse(value, out var threads) && threads > 0: parsed = parsed with { Threads = threads }; break;
                case "--seed" when int.TryParse(value, out var seed): parsed = parsed with { Seed = seed }; break;
                default: return null;
            }
        }
        return parsed;
    }
}
