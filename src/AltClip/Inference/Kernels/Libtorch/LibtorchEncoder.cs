using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Libtorch;

/// <summary>An encoder on libtorch's ordinary operators.</summary>
internal sealed class LibtorchEncoder : IEncoder
{
    private readonly List<LibtorchLayer> _layers = [];
    private readonly LibtorchPart _inputNorm, _outputNorm;
    private readonly List<LibtorchPart> _head = [];
    private readonly LibtorchBatches _batches;
    private readonly double _eps;

    public LibtorchEncoder(
        EncoderSpec encoder, ScalarType dtype, Device device, bool release, LibtorchBatches? batches = null, Action<string, Tensor>? observe = null)
    {
        _batches = batches ?? LibtorchBatches.Of(device, dtype);
        using var like = empty(0, dtype: dtype, device: device);
        (DType, _eps) = (dtype, encoder.Eps);
        _inputNorm = new LibtorchPart(encoder.InputNorm.weight!, encoder.InputNorm.bias, like);
        _outputNorm = new LibtorchPart(encoder.OutputNorm.weight!, encoder.OutputNorm.bias, like);
        foreach (var product in encoder.Head) _head.Add(new LibtorchPart(product.weight!, product.bias, like));
        foreach (var layer in encoder.Layers)
        {
            _layers.Add(new LibtorchLayer(layer, encoder, like, observe));
            if (release) layer.Layer.Dispose();
        }
    }

    public InferencePrecision Precision => DType == ScalarType.Float32 ? InferencePrecision.Float32 : InferencePrecision.BFloat16;

    public ScalarType DType { get; }

    public ScalarType MaskDType => DType;

    public int PicturesAtOnce => _batches.Pictures;

    public int? PaddedTokensAtOnce => _batches.PaddedTokens;

    public Tensor Encode(Tensor rows, long[] groups, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var states = _inputNorm.Norm(rows, _eps);
        foreach (var layer in _layers)
        {
            var next = layer.Run(states, groups, mask);
            states.Dispose();
            states = next;
        }
        states = _outputNorm.Norm(states, _eps);
        foreach (var product in _head) states = product.Linear(states);
        return scope.MoveToOuter(states.to(float32));
    }

    public void Dispose()
    {
        foreach (var part in (IDisposable[])[_inputNorm, _outputNorm, .. _layers, .. _head]) part.Dispose();
    }
}
