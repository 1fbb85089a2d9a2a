using System.Globalization;

namespace AltClip.Configuration;

/// <summary>Refuses values of a configuration by the name that they have in <c>config.json</c>.</summary>
internal readonly struct ConfigCheck(string section)
{
    /// <summary>The most numbers of a tensor: a thousand times those of the largest layer of any published model.</summary>
    private const long MostNumbers = 1L << 40;

    public void That(bool holds, string key, object? found, string expected)
    {
        if (!holds)
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{section}.{key} is {found ?? "null"}; expected {expected}."));
    }

    /// <summary>Refuses sizes whose product is no tensor's: beyond <see cref="MostNumbers"/>.</summary>
    /// <param name="key">The member that is refused.</param>
    /// <param name="value">Its value.</param>
    /// <param name="sizes">The tensor's shape, and what each size is called: any of them may be the wrong one.</param>
    public void Weights(string key, long value, params ReadOnlySpan<(string Name, long Size)> sizes)
    {
        Int128 count = 1;
        foreach (var (_, size) in sizes) count *= size;
        var shape = string.Join(", ", sizes.ToArray().Select(size => $"{size.Name} {size.Size}"));
        That(count <= MostNumbers, key, value, $"such that the weights [{shape}] have at most {MostNumbers} numbers");
    }

    public void Positive(string key, int value) => That(value > 0, key, value, "a positive number");

    public void NotNegative(string key, double value) => That(value >= 0 && double.IsFinite(value), key, value, "a finite number of at least 0");

    public void Probability(string key, double value) => That(value is >= 0 and < 1, key, value, "a probability of at least 0 and below 1");

    public void Heads(int hiddenSize, int heads)
    {
        Positive("num_attention_heads", heads);
        That(hiddenSize % heads == 0, "num_attention_heads", heads, $"a divisor of hidden_size ({hiddenSize})");
    }
}
