using AltClip.Configuration;
using static TorchSharp.torch;

namespace AltClip.Inference.Panels;

/// <summary>
/// The image encoder's layers on <see cref="PanelKernels"/>. Over oneDNN's packed products, as measured: in int8 each row has a step of its
/// own, and nothing is read twice to find it; in float32 and bfloat16 1 to 3 % less time.
/// </summary>
internal sealed unsafe class PanelVisionEncoder : IDisposable
{
    private readonly PanelEncoder _encoder;
    private readonly int _width;

    private PanelVisionEncoder(AltCLIPModel model, PanelNumbers numbers, PanelNumbers attention, bool release)
    {
        var config = model.Config.VisionConfig;
        _width = config.HiddenSize;
        _encoder = PanelEncoder.Of(model.vision_model.encoder, config, numbers, attention, release);
    }

    /// <summary>
    /// Packs a model's image encoder, or returns null where something isn't made for it: the processor, the device, widths that are no
    /// multiple of 16, another activation than the published models'.
    /// </summary>
    public static PanelVisionEncoder? TryMake(AltCLIPModel model, InferencePrecision precision, bool release)
    {
        var config = model.Config.VisionConfig;
        var numbers = PanelSupport.Of(precision);
        int[] widths = [config.HiddenSize, config.HiddenSize / config.NumAttentionHeads, config.IntermediateSize];
        if (config.HiddenAct != ActivationFunction.QuickGelu || !PanelEncoder.IsMadeFor(model, numbers, widths)) return null;
        var isNarrow = numbers != PanelNumbers.Float32 && PanelKernels.IsSupported(PanelNumbers.BFloat16);
        var attention = isNarrow ? PanelNumbers.BFloat16 : PanelNumbers.Float32;
        return new PanelVisionEncoder(model, numbers, attention, release);
    }

    /// <summary>Runs all layers.</summary>
    /// <param name="rows">Embedded tokens: float32 [pictures * length, width].</param>
    /// <param name="pictures">How many pictures.</param>
    /// <returns>The state of each picture's class token: float32 [pictures, width].</returns>
    public Tensor Encode(Tensor rows, long pictures)
    {
        using var scope = NewDisposeScope();
        var input = rows.contiguous();
        var length = (int)(input.shape[0] / pictures);
        PanelSequence[] sequences = [.. Enumerable.Range(0, (int)pictures).Select(i => new PanelSequence(i * length, length, i * length, length))];
        var result = empty(pictures, _width);
        var w = _encoder.Workspace;
        using (w.Team.Enter())
        {
            w.Reserve(input.shape[0]);
            input.bytes.CopyTo(new Span<byte>(w.X, (int)input.NumberOfElements * sizeof(float)));
            _encoder.Run(sequences, null);
            new Span<byte>(w.X, (int)pictures * _width * sizeof(float)).CopyTo(result.bytes);
        }
        return scope.MoveToOuter(result);
    }

    public void Dispose() => _encoder.Dispose();
}
