using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Vision;

/// <summary>CLIP's vision transformer (Radford et al., arXiv 2103.00020).</summary>
internal sealed class AltCLIPVisionTransformer : AltCLIPModule
{
    internal readonly AltCLIPVisionEmbeddings embeddings;
    internal readonly LayerNorm pre_layrnorm; // spelled as in the checkpoints
    internal readonly AltCLIPEncoder encoder;
    internal readonly LayerNorm post_layernorm;

    private readonly AltCLIPVisionConfig _config;

    public AltCLIPVisionTransformer(AltCLIPVisionConfig config) : base(nameof(AltCLIPVisionTransformer))
    {
        _config = config;
        embeddings = new AltCLIPVisionEmbeddings(config);
        pre_layrnorm = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        encoder = new AltCLIPEncoder(config);
        post_layernorm = Skeleton.LayerNorm(config.HiddenSize, config.LayerNormEps);
        RegisterComponents();
    }

    /// <summary>Refuses by name pictures that the encoder can't take.</summary>
    public void Validate(Tensor pixel_values, bool interpolate_pos_encoding)
    {
        ArgumentNullException.ThrowIfNull(pixel_values);
        Check.Shape(pixel_values, nameof(pixel_values), "[batch, channels, height, width]", null, _config.NumChannels, null, null);
        Check.FloatingPoint(pixel_values, nameof(pixel_values));
        var (height, width) = (pixel_values.shape[2], pixel_values.shape[3]);
        if (!interpolate_pos_encoding && (height != _config.ImageSize || width != _config.ImageSize))
        {
            throw new ArgumentException(
                $"The pictures are {height}x{width}; expected {_config.ImageSize}x{_config.ImageSize}, or interpolate_pos_encoding.",
                nameof(pixel_values));
        }
        if (height < _config.PatchSize || width < _config.PatchSize)
        {
            throw new ArgumentException(
                $"The pictures are {height}x{width}; expected at least one patch of {_config.PatchSize}x{_config.PatchSize}.",
                nameof(pixel_values));
        }
    }

    /// <summary>Encodes pictures already checked.</summary>
    public BaseModelOutputWithPooling Forward(
        Tensor pixel_values, bool? outputAttentions, bool? outputHiddenStates, bool interpolate_pos_encoding)
    {
        using var scope = NewDisposeScope();
        var states = new EncoderStates(outputHiddenStates ?? _config.OutputHiddenStates, outputAttentions ?? _config.OutputAttentions);
        var embedded = ToComputeType(pre_layrnorm.forward(embeddings.forward(pixel_values, interpolate_pos_encoding)));
        var last = encoder.forward(embedded, null, states).to(post_layernorm.weight.dtype);
        var output = new BaseModelOutputWithPooling(last, post_layernorm.forward(last[TensorIndex.Colon, 0]), states);
        scope.MoveToOuter(output.Tensors);
        return output;
    }
}
