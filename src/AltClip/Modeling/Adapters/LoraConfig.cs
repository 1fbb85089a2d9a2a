namespace AltClip.Modeling.Adapters;

/// <summary>What an adapter's <c>adapter_config.json</c> says, as far as the numbers depend on it.</summary>
internal sealed record LoraConfig
{
    public required LoraOptions Options { get; init; }

    /// <summary>Whose biases were trained: <c>none</c>, <c>all</c> or <c>lora_only</c>. Those that count are the file's.</summary>
    public string Bias { get; init; } = "none";

    public bool LoraBias { get; init; }

    public LoraStart Start { get; init; }

    public LoraPattern<int> RankPattern { get; init; } = new([]);

    public LoraPattern<double> AlphaPattern { get; init; } = new([]);

    /// <summary>Ends of the names of modules that are saved whole.</summary>
    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

    /// <summary>How a module is adapted.</summary>
    /// <param name="name">Its name as the adapter's file has it.</param>
    public LoraLayerOptions For(string name)
    {
        var (rank, alpha) = (RankPattern.Of(name, Options.Rank), AlphaPattern.Of(name, Options.Alpha));
        return new LoraLayerOptions(rank, alpha, alpha / (Options.UseRslora ? Math.Sqrt(rank) : rank))
        {
            Dropout = Options.Dropout,
            UseDora = Options.UseDora,
            HasBias = LoraBias,
            Start = Start,
        };
    }
}
