using System.Diagnostics.CodeAnalysis;
using AltClip.Checkpoints;
using AltClip.Inference;
using AltClip.Inference.Calibration;
using AltClip.Modeling.Adapters;
using AltClip.Native;

namespace AltClip;

/// <summary>Makes models ready for speed.</summary>
[RequiresUnreferencedCode(Trimming.Message), RequiresDynamicCode(Trimming.AheadOfTime)]
public static class AltCLIPInferenceExtensions
{
    /// <summary>Packs a model's weights for the machine they are on.</summary>
    /// <param name="model">The model. It stays usable and its own, unless <see cref="InferenceOptions.ReleaseSourceWeights"/> is set.</param>
    /// <param name="options">Precision, encoders, and whether the model's own weights are freed; 32-bit floating point and both if null.</param>
    /// <returns>The packed model on the device of <paramref name="model"/>; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">An option has no valid value, or the kernel doesn't support the model here.</exception>
    /// <exception cref="NotSupportedException">The text encoder has relative positions; only the model itself computes those.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="InvalidOperationException">The model has a <see cref="LoraAdapter"/> that isn't merged.</exception>
    public static AltCLIPInference ForInference(this AltCLIPModel model, InferenceOptions? options = null) => Pack(model, options, null);

    /// <summary>The same with a word embedding that isn't the model's, but stays in a file, and then belongs to the result; and with what was calibrated.</summary>
    internal static AltCLIPInference Pack(AltCLIPModel model, InferenceOptions? options, TensorRows? words, ModelCalibration? calibration = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.ThrowIfDisposed();
        options ??= new InferenceOptions();
        options.Validate();
        var positions = model.Config.TextConfig.PositionEmbeddingType;
        if (options.Towers.HasFlag(InferenceTowers.Text) && positions != "absolute")
            throw new NotSupportedException($"position_embedding_type is {positions}; packed execution has only absolute.");
        LoraLayer.RefuseUnmerged(model);
        return new AltCLIPInference(model, options, words, calibration);
    }
}
