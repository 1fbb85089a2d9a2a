using AltClip.Checkpoints;
using AltClip.Configuration;

namespace AltClip.Modeling;

/// <summary>
/// Holds a configuration against the weights it came with before a model is made of it: what a configuration says costs time and memory for each
/// layer, and no more of both than the weights are worth is spent.
/// </summary>
internal sealed class WeightsBound(string folder, string? variant) : IDisposable
{
    private ITensorSource? _source;

    /// <summary>The weights, which are opened when they are first asked for: a configuration that is missing is said before weights that are.</summary>
    public ITensorSource Source => _source ??= CheckpointFiles.Open(folder, variant);

    public void Dispose() => _source?.Dispose();

    /// <summary>The configuration itself, once it is checked.</summary>
    /// <exception cref="ConfigurationException">It has more layers than the file has tensors, or an id beyond every size.</exception>
    public T Check<T>(T config) where T : PretrainedConfig
    {
        switch (config)
        {
            case AltCLIPConfig full:
                Check("text_config.", full.TextConfig);
                Check("vision_config.", full.VisionConfig);
                break;
            case EncoderConfig encoder:
                Check("", encoder);
                break;
        }
        return config;
    }

    private void Check(string section, EncoderConfig config)
    {
        if (config.NumHiddenLayers > Source.Names.Count)
            throw Error($"{section}num_hidden_layers is {config.NumHiddenLayers}", $"they have {Source.Names.Count} tensors");
        var largest = Source.Names.SelectMany(name => Source.Describe(name).Shape).DefaultIfEmpty().Max();
        if (config is AltCLIPTextConfig text && text.PadTokenId > largest)
            throw Error($"{section}pad_token_id is {text.PadTokenId}", $"no tensor of theirs has more than {largest} rows");
    }

    private ConfigurationException Error(string found, string instead) =>
        new($"{ConfigFile.Name} does not belong to the weights '{Source.Location}': {found}, but {instead}.");
}
