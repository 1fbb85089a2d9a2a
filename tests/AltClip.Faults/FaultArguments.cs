namespace AltClip.Faults;

/// <summary>What the program is asked to do.</summary>
/// <param name="Data">The folder <c>tests/data</c>.</param>
/// <param name="Kills">How many processes are killed, over all commands.</param>
/// <param name="Cuts">How many times the power is cut, over all commands; needs root.</param>
/// <param name="Places">Whether full, read-only and forbidden folders, wrong clocks and slow servers are tried; needs root.</param>
/// <param name="Seed">From which all moments follow.</param>
/// <param name="Command">The one command that is tried; null for all in turn.</param>
/// <param name="Tool">The assembly of the command.</param>
internal sealed record FaultArguments(string Data, int Kills, int Cuts, bool Places, int Seed, string? Command, string Tool)
{
    public const string Usage =
        "usage: AltClip.Faults TESTS/DATA [--kills 20] [--cuts 0] [--places no] [--seed 1] [--command NAME] [--tool AltClip.Cli.dll]";

    public static FaultArguments? Parse(string[] args)
    {
        if (args.Length == 0 || args.Length % 2 == 0 || !Directory.Exists(args[0])) return null;
        var parsed = new FaultArguments(Path.GetFullPath(args[0]), 20, 0, false, 1, null, Path.Combine(AppContext.BaseDirectory, "AltClip.Cli.dll"));
        for (var i = 1; i < args.Length; i += 2)
        {
            var value = args[i + 1];
            switch (args[i])
            {
                case "--kills" when int.TryParse(value, out var kills): parsed = parsed with { Kills = kills }; break;
                case "--cuts" when int.TryParse(value, out var cuts): parsed = parsed with { Cuts = cuts }; break;
                case "--places" when value is "yes" or "no": parsed = parsed with { Places = value == "yes" }; break;
                case "--seed" when int.TryParse(value, out var seed): parsed = parsed with { Seed = seed }; break;
                case "--command": parsed = parsed with { Command = value }; break;
                case "--tool" when File.Exists(value): parsed = parsed with { Tool = Path.GetFullPath(value) }; break;
                default: return null;
            }
        }
        return parsed;
    }
}
