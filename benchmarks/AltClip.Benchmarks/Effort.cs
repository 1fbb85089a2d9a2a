namespace AltClip.Benchmarks;

/// <summary>How much is done: what gives timings worth a look, or the least of everything, to see that it runs.</summary>
internal static class Effort
{
    public const string QuickOption = "--quick";

    public static bool IsQuick { get; } = Environment.GetCommandLineArgs().Contains(QuickOption);

    /// <summary>A number of rounds, a size.</summary>
    public static T Of<T>(T full, T quick) => IsQuick ? quick : full;
}
