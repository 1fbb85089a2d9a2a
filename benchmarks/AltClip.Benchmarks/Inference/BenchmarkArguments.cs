namespace AltClip.Benchmarks;

/// <summary>What <c>inference</c> was asked for.</summary>
internal sealed record BenchmarkArguments(string? Peers, string? Reference, string? Report, int Rounds, string? Only)
{
    private static readonly int DefaultRounds = Effort.Of(3, quick: 1);

    public static BenchmarkArguments Parse(string[] args)
    {
        var values = new Dictionary<string, string>();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (args[i] is not ("--peers" or "--reference" or "--report" or "--rounds" or "--only") || i + 1 == args.Length)
                throw new ArgumentException($"'{args[i]}' is no option with a value; there are --peers, --reference, --report, --rounds and --only.");
            values[args[i]] = args[i + 1];
        }
        return new BenchmarkArguments(
            values.GetValueOrDefault("--peers"), values.GetValueOrDefault("--reference"), values.GetValueOrDefault("--report"),
            values.TryGetValue("--rounds", out var rounds) ? int.Parse(rounds) : DefaultRounds, values.GetValueOrDefault("--only"));
    }
}
