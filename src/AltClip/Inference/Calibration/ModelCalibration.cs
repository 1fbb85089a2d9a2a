using AltClip.Checkpoints;
using AltClip.Inference.Kernels;

namespace AltClip.Inference.Calibration;

/// <summary>How int8 products of a model take their inputs: of encoders that it was measured for, and where it gained something.</summary>
/// <param name="Text">The text encoder's; null for nothing.</param>
/// <param name="Image">The image encoder's.</param>
internal sealed record ModelCalibration(EncoderCalibration? Text, EncoderCalibration? Image)
{
    /// <summary>The calibration beside a model's weights; null if there is none.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="towers">The encoders to be used.</param>
    /// <exception cref="CheckpointException">The file is damaged, or belongs to other weights.</exception>
    public static ModelCalibration? Beside(string folder, AltCLIPModel model, InferenceTowers towers)
    {
        var path = Path.Combine(folder, CalibrationFile.Name);
        if (!File.Exists(path)) return null;
        var all = CalibrationFile.Read(path);
        var used = new ModelCalibration(
            towers.HasFlag(InferenceTowers.Text) ? all.Text : null, towers.HasFlag(InferenceTowers.Image) ? all.Image : null);
        if (used.Problem(model) is { } problem)
        {
            throw new CheckpointException(
                CheckpointError.StateMismatch, path,
                $"the calibration belongs to other weights: {problem}. Make it anew by altclip quantize, or delete the file, or set {nameof(InferenceOptions.IgnoreCalibration)}.");
        }
        return used;
    }

    /// <summary>Why it can't be a model's; null if it is.</summary>
    public string? Problem(AltCLIPModel model) =>
        (Text is null ? null : Problem(Text, EncoderSpec.Text(model))) ?? (Image is null ? null : Problem(Image, EncoderSpec.Image(model)));

    private static string? Problem(EncoderCalibration calibration, EncoderSpec encoder)
    {
        var layers = encoder.Layers.ToDictionary(layer => layer.Names.Layer);
        if (layers.Count != calibration.Digests.Count)
            return $"it has {calibration.Digests.Count} layers of the {encoder.Tower} encoder, and the model {layers.Count}";
        var inputs = encoder.Layers.SelectMany(layer => layer.Inputs()).ToDictionary();
        foreach (var (name, product) in calibration.Products)
        {
            if (!inputs.TryGetValue(name, out var count)) return $"the model has no '{name}'";
            if (product.Mean.Length != count || (product.Smoothing ?? product.Mean).Length != count)
                return $"'{name}' has {product.Mean.Length} inputs there, and {count} in the model";
        }
        if (calibration.Digests.Keys.FirstOrDefault(name => !layers.ContainsKey(name)) is { } unknown) return $"the model has no '{unknown}'";
        return encoder.Layers.AsParallel().AsOrdered().Where(layer => WeightsDigest.Of(layer) != calibration.Digests[layer.Names.Layer])
            .Select(layer => $"those of '{layer.Names.Layer}' are not what it was measured with").FirstOrDefault();
    }
}
