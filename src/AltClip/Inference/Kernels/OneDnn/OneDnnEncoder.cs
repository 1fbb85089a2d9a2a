using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.OneDnn;

/// <summary>An encoder on <see cref="OneDnnCode"/>.</summary>
internal sealed class OneDnnEncoder : IEncoder
{
    private readonly OneDnnCode _code;
    private readonly OneDnnWeights _layers;
    private readonly List<Tensor> _inputNorm = [], _outputNorm = [];
    private readonly List<List<Tensor>> _head = [];

    public OneDnnEncoder(EncoderSpec encoder, InferencePrecision precision, Device device, bool release)
    {
        _code = new OneDnnCode(precision, device);
        _code.AddNorm(_inputNorm, encoder.InputNorm);
        _code.AddNorm(_outputNorm, encoder.OutputNorm);
        foreach (var product in encoder.Head)
        {
            _head.Add([]);
            _code.AddProduct(_head[^1], product.weight!, product.bias, quantized: false);
        }
        _layers = new OneDnnWeights(encoder, _code, release);
    }

    public InferencePrecision Precision => _code.Precision;

    public ScalarType DType => _code.DType;

    public ScalarType MaskDType => _code.ScoreDType;

    // As measured at full size: float32 products of one picture's rows are as fast as those of more, and its states stay in the cache;
    // narrower products are faster of several pictures' rows.
    public int PicturesAtOnce => MaskDType == ScalarType.Float32 ? 1 : 4;

    public Tensor Encode(Tensor rows, long[] groups, Tensor? mask)
    {
        using var scope = NewDisposeScope();
        var states = Normed(_code.Encode(Normed(rows, _inputNorm), groups, mask, _layers), _outputNorm);
        foreach (var product in _head) states = _code.Linear(states, product);
        return scope.MoveToOuter(states.to(float32));
    }

    public void Dispose()
    {
        _layers.Dispose();
        foreach (var tensor in (Tensor[])[.. _inputNorm, .. _outputNorm, .. _head.SelectMany(product => product)]) tensor.Dispose();
        _code.Dispose();
    }

    private Tensor Normed(Tensor states, List<Tensor> norm) =>
        nn.functional.layer_norm(states, [_layers.Encoder.Width], norm[0], norm[1], _layers.Encoder.Eps);
}
