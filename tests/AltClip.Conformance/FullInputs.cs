using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>What the full-size model is given: the reference's ids, and pictures prepared by <see cref="CLIPImageProcessor"/>.</summary>
internal sealed class FullInputs : IDisposable
{
    /// <summary>The tensors of the reference that are inputs.</summary>
    public static readonly string[] Names = ["input_ids", "attention_mask", "big_pixel_values_u8"];

    public FullInputs(string folder, JsonObject cases, SafeTensors tensors)
    {
        InputIds = tensors["input_ids"];
        AttentionMask = tensors["attention_mask"];
        using var pictures = new CLIPImageProcessor().Process(
            [.. cases["images"]!.AsArray().Select(name => ImageSource.FromFile(Path.Combine(folder, "..", "images", "real", (string)name!)))]);
        PixelValues = pictures.PixelValues.alias();
        using var bytes = tensors["big_pixel_values_u8"];
        using var halves = bytes / 127.5;
        BigPixelValues = halves - 1;
    }

    public Tensor InputIds { get; }

    public Tensor AttentionMask { get; }

    public Tensor PixelValues { get; }

    /// <summary>A picture of another size than the model's, in [-1, 1]: [1, 3, 336, 280].</summary>
    public Tensor BigPixelValues { get; }

    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[InputIds, AttentionMask, PixelValues, BigPixelValues]) tensor.Dispose();
    }
}
