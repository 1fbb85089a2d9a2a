using System.Security.Cryptography;
using System.Text;
using AltClip.Checkpoints;
using AltClip.Inference.Kernels;
using static TorchSharp.torch;

namespace AltClip.Inference.Calibration;

/// <summary>
/// A calibration as a safetensors file. After the names of products, <c>.mean</c> and <c>.smoothing</c> [inputs], and <c>.range</c> [2]; after those of layers,
/// <c>.digest</c> [1] of their weights. The digest of all of it stands in the metadata.
/// </summary>
internal static class CalibrationFile
{
    /// <summary>What it is called beside the weights.</summary>
    public const string Name = "calibration.safetensors";

    private const string Format = "altclip-calibration-1", FormatKey = "format", DigestKey = "digest";
    private const string Mean = ".mean", Smoothing = ".smoothing", Range = ".range", Digest = ".digest";

    /// <summary>Writes a calibration.</summary>
    /// <param name="path">The file, which is replaced as a whole.</param>
    /// <param name="calibration">The calibration.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void Write(string path, ModelCalibration calibration)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var encoder in new[] { calibration.Text, calibration.Image }.OfType<EncoderCalibration>())
        {
            foreach (var (name, digest) in encoder.Digests) tensors.Add(name + Digest, tensor(new[] { digest }));
            foreach (var (name, product) in encoder.Products)
            {
                tensors.Add(name + Mean, tensor(product.Mean));
                if (product.Smoothing is { } smoothing) tensors.Add(name + Smoothing, tensor(smoothing));
                if (product.Range is { } range) tensors.Add(name + Range, tensor(new[] { range.Low, range.High }));
            }
        }
        SafeTensors.Save(path, tensors, new Dictionary<string, string> { [FormatKey] = Format, [DigestKey] = DigestOf(tensors) });
    }

    /// <summary>Reads a calibration.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or something else.</exception>
    /// <exception cref="IOException">It can't be read.</exception>
    public static ModelCalibration Read(string path)
    {
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(path);
        if (file.Metadata.GetValueOrDefault(FormatKey) is var format && format != Format)
            throw Error(path, CheckpointError.UnknownFormat, $"the format is '{format}'; expected {Format}.");
        var tensors = file.Names.ToDictionary(name => name, name => file[name]);
        if (file.Metadata.GetValueOrDefault(DigestKey) != DigestOf(tensors))
            throw Error(path, CheckpointError.Changed, "its numbers are not those that altclip quantize wrote. Make it anew, or delete it.");
        foreach (var (name, values) in tensors)
        {
            if (Problem(name, values) is { } problem) throw Error(path, CheckpointError.InvalidTensorInfo, $"tensor '{name}' is {file.Describe(name)}; {problem}.");
        }
        return new ModelCalibration(Of(EncoderLayerNames.TextPrefix), Of(EncoderLayerNames.ImagePrefix));

        EncoderCalibration? Of(string prefix)
        {
            var own = tensors.Where(tensor => tensor.Key.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary();
            var digests = Named(own, Digest).ToDictionary(one => one.Name, one => one.Values.data<long>()[0]);
            var means = Named(own, Mean).ToDictionary(one => one.Name, one => one.Values.data<float>().ToArray());
            var smoothings = Named(own, Smoothing).ToDictionary(one => one.Name, one => one.Values.data<float>().ToArray());
            var ranges = Named(own, Range).ToDictionary(one => one.Name, one => (Low: one.Values.data<float>()[0], High: one.Values.data<float>()[1]));
            var products = means.ToDictionary(
                mean => mean.Key,
                mean => new ProductCalibration(
                    mean.Value, smoothings.GetValueOrDefault(mean.Key), ranges.TryGetValue(mean.Key, out var range) ? range : null));
            return digests.Count == 0 ? null : new EncoderCalibration(products, digests);
        }
    }

    private static IEnumerable<(string Name, Tensor Values)> Named(Dictionary<string, Tensor> tensors, string ending) =>
        tensors.Where(tensor => tensor.Key.EndsWith(ending, StringComparison.Ordinal)).Select(tensor => (tensor.Key[..^ending.Length], tensor.Value));

    /// <summary>What isn't as it is written here, though the digest may be right.</summary>
    private static string? Problem(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        if (name.EndsWith(Digest, StringComparison.Ordinal)) return tensor.dtype == ScalarType.Int64 && tensor.numel() == 1 ? null : "expected one int64";
        var ending = new[] { Mean, Smoothing, Range }.FirstOrDefault(ending => name.EndsWith(ending, StringComparison.Ordinal));
        if (ending is null) return $"expected names that end in {Mean}, {Smoothing}, {Range} or {Digest}";
        if (tensor.dtype != ScalarType.Float32 || tensor.dim() != 1) return "expected float32, a number for each input";
        var values = tensor.data<float>().ToArray();
        if (!values.All(float.IsFinite)) return "expected finite numbers";
        return ending switch
        {
            Range => values is [<= 0, >= 0] ? null : "expected two numbers, and 0 between them",
            Smoothing => values.All(value => value > 0) ? null : "expected numbers above 0",
            _ => null,
        };
    }

    /// <summary>A number for all names, types, shapes and values.</summary>
    private static string DigestOf(Dictionary<string, Tensor> tensors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in tensors.OrderBy(tensor => tensor.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.dtype} [{string.Join(", ", tensor.shape)}]\n"));
            hash.AppendData(tensor.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static CheckpointException Error(string path, CheckpointError error, string message) => new(error, path, message);
}
