using AltClip;
using AltClip.Native;
using AltClip.Training.Evaluation;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>Finds from which cosine on a finished model's label counts as shown, on an artist that it wasn't trained on.</summary>
internal static class Calibration
{
    /// <summary>Writes <c>thresholds.json</c> beside the model, and prints its rates.</summary>
    /// <param name="emoji">The emoji.</param>
    /// <param name="folder">The model.</param>
    /// <param name="heldOut">The artist, whose pictures are perturbed as for scores.</param>
    public static void Run(EmojiSet emoji, string folder, string heldOut)
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1);
        using var pipeline = AltCLIPPipeline.FromPretrained(folder, new() { ImageBatchSize = 64 });
        List<LabelledImage> pictures =
        [
            .. emoji.Drawings.Index().Where(drawing => drawing.Item.Artist == heldOut)
                .Select(drawing => new LabelledImage(Pictures.Source(Perturbation.Draw(drawing.Item, Sprite.Side, drawing.Index)), drawing.Item.Emoji)),
        ];
        if (pictures.Count == 0) throw new ArgumentException($"There is no artist {heldOut}.", nameof(heldOut));
        var prompts = ZeroShotPrompts.Create([.. emoji.English.Select(caption => caption.Name)]);
        var report = RejectionCalibration.RunAsync(
            pipeline, pictures, prompts, $"emoji of an artist not trained on ({heldOut}), perturbed; their English names").GetAwaiter().GetResult();
        report.Threshold.SavePretrained(folder);
        Console.Write(report);
    }
}
