namespace AltClip.Training.Augmentation;

/// <summary>
/// Random numbers that follow from any number of seeds, such as those of a run, an epoch and an example: the same on every machine and
/// every
/// version of .NET, and unrelated as soon as one seed differs. (SplitMix64: Steele, Lea and Flood, OOPSLA 2014.)
/// </summary>
public sealed class SeededRandom : Random
{
    private ulong _state;

    /// <summary>Begins a sequence.</summary>
    /// <param name="seeds">What it follows from; the order counts.</param>
    public SeededRandom(params ReadOnlySpan<long> seeds)
    {
        foreach (var seed in seeds) _state = Mix(NextState() ^ (ulong)seed);
    }

    /// <inheritdoc/>
    public override int Next() => Next(int.MaxValue);

    /// <inheritdoc/>
    public override int Next(int maxValue) => (int)NextInt64(maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue) => (int)NextInt64(minValue, maxValue);

    /// <inheritdoc/>
    public override long NextInt64() => NextInt64(long.MaxValue);

    /// <inheritdoc/>
    public override long NextInt64(long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return (long)Math.BigMul(Bits(), (ulong)maxValue, out _);
    }

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return minValue + (long)Math.BigMul(Bits(), (ulong)(maxValue - minValue), out _);
    }

    /// <inheritdoc/>
    public override double NextDouble() => (Bits() >> 11) * (1.0 / (1L << 53));

    /// <inheritdoc/>
    public override float NextSingle() => (Bits() >> 40) * (1f / (1 << 24));

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        NextBytes(buffer.AsSpan());
    }

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        foreach (ref var value in buffer) value = (byte)(Bits() >> 56);
    }

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();

    private ulong Bits() => Mix(NextState());

    private ulong NextState() => _state += 0x9E3779B97F4A7C15;

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}

/// <summary>What the augmentations draw.</summary>
internal static class RandomDraws
{
    /// <summary>A number of a range, all equally probable.</summary>
    public static double Uniform(this Random random, (double Min, double Max) range) => range.Min + random.NextDouble() * (range.Max - range.Min);

    /// <summary>Whether something of a probability happens.</summary>
    public static bool Happens(this Random random, double probability) => random.NextDouble() < probability;
}
