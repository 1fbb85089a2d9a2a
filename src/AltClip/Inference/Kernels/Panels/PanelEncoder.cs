using System.Collections.Concurrent;
using AltClip.Configuration;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>
/// An encoder on a <see cref="PanelCode"/>, without libtorch between embedding and result. States between products are float32 in every
/// precision. libtorch's own threads must have nothing to do shortly before: they wait for more without sleeping, on the processors that the
/// team needs.
/// </summary>
internal sealed unsafe class PanelEncoder : IEncoder
{
    private readonly ConcurrentStack<PanelWorkspace> _workspaces = new();
    private readonly Func<PanelWorkspace> _newWorkspace;
    private readonly PanelNorm _inputNorm, _outputNorm;
    private readonly List<PanelLayer> _layers = [];
    private readonly List<PanelProduct> _head = [];
    private readonly int _width;

    public PanelEncoder(EncoderSpec encoder, InferencePrecision precision, PanelInstructions instructions, bool release)
    {
        _width = encoder.Width;
        var numbers = PanelNumbersExtensions.Of(precision);
        var code = instructions.Code(numbers)!;
        Precision = code.Rows == PanelNumbers.Float32 ? InferencePrecision.Float32 : precision;
        IsCalibrated = PanelsKernel.IsCalibrated(encoder, code);
        var outside = numbers == PanelNumbers.Int8 ? instructions.Code(PanelNumbers.Float32)! : code;
        _inputNorm = new PanelNorm(encoder.InputNorm, encoder.Eps);
        _outputNorm = new PanelNorm(encoder.OutputNorm, encoder.Eps);
        foreach (var product in encoder.Head) _head.Add(new PanelProduct(product.weight!, product.bias, outside));
        var widest = Math.Max(encoder.Intermediate, _head.Max(product => product.Outputs));
        var attention = new PanelAttention(encoder.Heads, _width, AttentionCode(encoder.Tower, numbers, instructions));
        _newWorkspace = () => new PanelWorkspace(_width, widest, attention);
        var activation = encoder.Activation == ActivationFunction.Gelu ? PanelEnd.Gelu : PanelEnd.QuickGelu;
        foreach (var layer in encoder.Layers)
        {
            _layers.Add(new PanelLayer(layer, encoder, code, activation, last: layer == encoder.Layers[^1]));
            if (release) layer.Layer.Dispose();
        }
    }

    public InferencePrecision Precision { get; }

    public bool IsCalibrated { get; }

    public ScalarType DType => ScalarType.Float32;

    public ScalarType MaskDType => ScalarType.Float32;

    // As measured at full size: several pictures' rows are no faster than one's, whose states stay in the cache.
    public int PicturesAtOnce => 1;

    public Tensor Encode(Tensor rows, long[] groups, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var input = rows.contiguous();
        var sequences = Sequences(groups);
        var fullMask = mask?.to(float32).expand(groups[0], 1, groups[1], groups[1]).contiguous();
        var result = empty(sequences.Length, _head[^1].Outputs, float32, CPU);
        using var team = WorkTeam.Enter();
        // As many as calls were ever at work together, the one used last first: its memory may still be in the cache.
        if (!_workspaces.TryPop(out var workspace)) workspace = _newWorkspace();
        try
        {
            fixed (byte* x = input.bytes)
            fixed (byte* y = result.bytes)
            fixed (byte* m = fullMask is null ? default : fullMask.bytes)
            {
                workspace.Begin(team, input.shape[0]);
                Encode(workspace, (float*)x, (int)input.shape[0], sequences, (float*)m, (float*)y);
            }
        }
        finally
        {
            _workspaces.Push(workspace);
        }
        return scope.MoveToOuter(result);
    }

    public void Dispose()
    {
        foreach (var part in (IDisposable[])[_inputNorm, _outputNorm, .. _layers, .. _head, .. _workspaces]) part.Dispose();
    }

    private void Encode(PanelWorkspace w, float* rows, int tokens, PanelSequence[] sequences, float* mask, float* result)
    {
        _inputNorm.Run(w.Team, rows, w.X, tokens);
        foreach (var layer in _layers) layer.Run(w, sequences, mask);
        var states = w.Context;
        _outputNorm.Run(w.Team, w.X, states, sequences.Length);
        foreach (var product in _head)
        {
            // A product packs its rows before it writes, so that the next may write over them.
            var target = product == _head[^1] ? result : w.Wide;
            product.Run(w.Team, w.Scratch, w.Rows, states, sequences.Length, product.Inputs, target);
            states = target;
        }
    }

    /// <summary>What attention's own products multiply: sequences as long as pictures' make them count.</summary>
    private static PanelCode AttentionCode(InferenceTowers tower, PanelNumbers numbers, PanelInstructions instructions)
    {
        var narrow = instructions.Code(PanelNumbers.BFloat16);
        var isNarrow = tower == InferenceTowers.Image && numbers != PanelNumbers.Float32 && narrow?.Rows == PanelNumbers.BFloat16;
        return isNarrow ? narrow! : instructions.Code(PanelNumbers.Float32)!;
    }

    private static PanelSequence[] Sequences(long[] groups)
    {
        var sequences = new List<PanelSequence>();
        var first = 0;
        for (var i = 0; i < groups.Length; i += 2)
        {
            var length = (int)groups[i + 1];
            for (var j = 0; j < groups[i]; j++, first += length) sequences.Add(new(first, length, first, length));
        }
        return [.. sequences];
    }
}
