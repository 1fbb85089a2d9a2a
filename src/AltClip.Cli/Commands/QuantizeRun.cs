using AltClip.Inference;
using AltClip.Inference.Calibration;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>A calibrated encoder.</summary>
/// <param name="Encoder">What was measured.</param>
/// <param name="Trial">What it is worth.</param>
/// <param name="HeldOut">On how many inputs that was tried.</param>
internal sealed record Calibrated(EncoderCalibration Encoder, CalibrationTrial Trial, int HeldOut)
{
    /// <summary>How many products have smoothed inputs.</summary>
    public int Smoothed => Encoder.Products.Values.Count(product => product.Smoothing is not null);

    /// <summary>How many have one step for all rows.</summary>
    public int Static => Encoder.Products.Values.Count(product => product.Range is not null);
}

/// <summary>The encoders that were to be calibrated.</summary>
internal sealed record QuantizeResult(Calibrated? Text, Calibrated? Image);

/// <summary>The work of <c>altclip quantize</c>.</summary>
/// <param name="folder">The model's folder.</param>
/// <param name="texts">Texts to calibrate with and, every fifth, to try it on; null for none.</param>
/// <param name="pictures">The same of pictures' files.</param>
internal sealed class QuantizeRun(string folder, string[]? texts, string[]? pictures)
{
    private const int HeldOutOf = 5, BatchSize = 8;

    /// <summary>How many inputs are computed to calibrate with.</summary>
    public int Steps => Used(texts ?? []).Length + Used(pictures ?? []).Length;

    /// <summary>Calibrates, and tries the result.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="AltClipException">A file can't be read.</exception>
    public QuantizeResult Measure(IProgress<int> progress, CancellationToken cancellationToken)
    {
        using var processor = AltCLIPProcessor.FromPretrained(folder);
        using var model = AltCLIPModel.FromPretrained(folder);
        var done = texts is null ? 0 : Used(texts).Length;
        var text = texts is null ? null : Texts(model, processor, texts, progress, cancellationToken);
        var image = pictures is null
            ? null : Images(model, processor, pictures, new ImmediateProgress<int>(count => progress.Report(done + count)), cancellationToken);
        return new(text, image);
    }

    /// <summary>Writes the encoders' calibrations; that of another encoder which is there already stays if it is of the same weights.</summary>
    /// <returns>The file.</returns>
    public static string Write(string folder, string target, QuantizeResult result)
    {
        var path = Path.Combine(target, CalibrationFile.Name);
        var calibration = new ModelCalibration(result.Text?.Encoder, result.Image?.Encoder);
        if ((calibration.Text is null || calibration.Image is null) && File.Exists(path) && Kept(path, folder) is { } kept)
            calibration = new ModelCalibration(calibration.Text ?? kept.Text, calibration.Image ?? kept.Image);
        Directory.CreateDirectory(target);
        CalibrationFile.Write(path, calibration);
        return path;
    }

    private static ModelCalibration? Kept(string path, string folder)
    {
        try
        {
            var there = CalibrationFile.Read(path);
            using var model = AltCLIPModel.FromPretrained(folder);
            return there.Problem(model) is null ? there : null;
        }
        catch (CheckpointException)
        {
            return null; // damaged: this is to replace it
        }
    }

    private static Calibrated Texts(
        AltCLIPModel model, AltCLIPProcessor processor, string[] all, IProgress<int> progress, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var options = new AltCLIPProcessorOptions { Text = new AltCLIPPipelineOptions().Text };
        Tensor[] ids = [.. Used(all).Select(text => processor.Process(text: [text], options: options, cancellationToken: cancellationToken).InputIds!)];
        var encoder = Calibrator.OfTexts(model, ids, progress, cancellationToken);
        string[] heldOut = HeldOut(all);
        AltCLIPInputs[] batches = [.. heldOut.Chunk(BatchSize).Select(batch => processor.Process(text: batch, options: options, cancellationToken: cancellationToken))];
        var trial = CalibrationTrial.Run(
            model, InferenceTowers.Text, new ModelCalibration(encoder, null),
            inference => Joined(batches.Select(batch => inference.get_text_features(batch.InputIds!, batch.AttentionMask))), cancellationToken);
        return new Calibrated(encoder, trial, heldOut.Length);
    }

    private static Calibrated Images(
        AltCLIPModel model, AltCLIPProcessor processor, string[] all, IProgress<int> progress, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        Tensor Pixels(string path) => processor.Process(images: [ImageSource.FromFile(path)], cancellationToken: cancellationToken).PixelValues!;
        var encoder = Calibrator.OfImages(model, [.. Used(all).Select(Pixels)], progress, cancellationToken);
        Tensor[] heldOut = [.. HeldOut(all).Select(Pixels)];
        var trial = CalibrationTrial.Run(
            model, InferenceTowers.Image, new ModelCalibration(null, encoder),
            inference => Joined(heldOut.Select(pixels => inference.get_image_features(pixels))), cancellationToken);
        return new Calibrated(encoder, trial, heldOut.Length);
    }

    private static Tensor Joined(IEnumerable<Tensor> embeddings)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(cat([.. embeddings]));
    }

    private static string[] Used(string[] inputs) => [.. inputs.Where((_, i) => i % HeldOutOf != 0)];

    private static string[] HeldOut(string[] inputs) => [.. inputs.Where((_, i) => i % HeldOutOf == 0)];
}
