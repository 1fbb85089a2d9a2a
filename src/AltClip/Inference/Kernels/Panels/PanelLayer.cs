using AltClip.Inference.Calibration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.Panels;

/// <summary>One layer of an encoder.</summary>
internal sealed unsafe class PanelLayer : IDisposable
{
    private readonly PanelProduct? _query;
    private readonly PanelProduct _keyValue, _output, _widen, _narrow;
    private readonly PanelNorm _norm1, _norm2;
    private readonly PanelEnd _activation;
    private readonly bool _preNorm;
    private readonly int _width;

    /// <summary>Packs a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="encoder">What it is one of.</param>
    /// <param name="code">What its products run.</param>
    /// <param name="activation">The feed-forward part's activation.</param>
    /// <param name="last">Whether only first tokens ask; else the queries' weights are joined to the keys' and values'.</param>
    public PanelLayer(EncoderLayerParts layer, EncoderSpec encoder, PanelCode code, PanelEnd activation, bool last)
    {
        using var scope = NewDisposeScope();
        (_activation, _preNorm, _width) = (activation, encoder.PreNorm, encoder.Width);
        var products = PanelsKernel.IsCalibrated(encoder, code) ? encoder.Calibration!.Products : new Dictionary<string, ProductCalibration>();
        var (asking, output) = (Smoothing(products, layer.Names.Query), Smoothing(products, layer.Names.Output));
        var (widen, narrow) = (Smoothing(products, layer.Names.Widen), Smoothing(products, layer.Names.Narrow));
        // Inputs that a norm makes for one product alone, and values, whose mixtures they are, come divided; of others, residuals are made too.
        var (query, keyValue) = layer.Asking(last, 1 / Math.Sqrt(encoder.HeadSize), asking, output);
        if (query is { } apart) _query = new PanelProduct(apart.Weight, apart.Bias, code, Calibration(products, layer.Names.Query, asking, _preNorm));
        _keyValue = new PanelProduct(keyValue.Weight, keyValue.Bias, code, Calibration(products, layer.Names.Query, asking, _preNorm));
        _output = new PanelProduct(Times(layer.Output, output), layer.Output.bias, code, Calibration(products, layer.Names.Output, output, true));
        _widen = new PanelProduct(Times(layer.Widen, widen), layer.Widen.bias, code, Calibration(products, layer.Names.Widen, widen, _preNorm));
        _narrow = new PanelProduct(Times(layer.Narrow, narrow), layer.Narrow.bias, code, Calibration(products, layer.Names.Narrow, narrow, false));
        _norm1 = new PanelNorm(layer.Norm1, encoder.Eps, _preNorm ? asking : null);
        _norm2 = new PanelNorm(layer.Norm2, encoder.Eps, _preNorm ? widen : null);
    }

    /// <summary>Replaces the workspace's states, [tokens, width] or, in the last layer, those of first tokens: [sequences, width].</summary>
    /// <param name="w">The workspace.</param>
    /// <param name="sequences">The sequences.</param>
    /// <param name="mask">What is added to the scores, [sequence, length, length] where all are of one length, or null.</param>
    public void Run(PanelWorkspace w, PanelSequence[] sequences, float* mask)
    {
        var tokens = sequences[^1].First + sequences[^1].Length;
        float* states = w.X, input = states;
        if (_preNorm)
        {
            input = w.Sum;
            _norm1.Run(w.Team, states, input, tokens);
        }
        _keyValue.Run(w.Team, w.Scratch, w.Rows, input, tokens, _width, w.Wide);
        if (_query is null)
        {
            w.Attention.Run(w.Team, w.Scratch, sequences, w.Wide, 3 * _width, w.Wide + _width, 3 * _width, mask, w.Context);
        }
        else
        {
            CopyFirst(sequences, input, w.Asking);
            tokens = sequences.Length;
            _query.Run(w.Team, w.Scratch, w.Rows, w.Asking, tokens, _width, w.Sum);
            if (_preNorm) CopyFirst(sequences, states, w.Asking);
            states = w.Asking;
            sequences = [.. sequences.Select((one, i) => one with { Asked = i, Queries = 1 })];
            w.Attention.Run(w.Team, w.Scratch, sequences, w.Sum, _width, w.Wide, 2 * _width, mask, w.Context);
        }
        if (_preNorm) AfterAttentionPreNorm(w, states, tokens);
        else AfterAttentionPostNorm(w, states, tokens);
    }

    public void Dispose()
    {
        _query?.Dispose();
        foreach (var part in (IDisposable[])[_keyValue, _output, _widen, _narrow, _norm1, _norm2]) part.Dispose();
    }

    private static Tensor? Smoothing(IReadOnlyDictionary<string, ProductCalibration> products, string name) =>
        products.TryGetValue(name, out var product) && product.Smoothing is { } smoothing ? tensor(smoothing) : null;

    /// <summary>What a product's rows are to know; null where nothing was measured.</summary>
    /// <param name="products">What was measured.</param>
    /// <param name="name">The product.</param>
    /// <param name="smoothing">What its inputs are divided by, [inputs], or null.</param>
    /// <param name="isDivided">Whether what makes them divides them; else packing does.</param>
    private static PanelCalibration? Calibration(
        IReadOnlyDictionary<string, ProductCalibration> products, string name, Tensor? smoothing, bool isDivided)
    {
        if (!products.TryGetValue(name, out var product)) return null;
        using var mean = tensor(product.Mean);
        using var divided = smoothing is null ? null : mean / smoothing;
        return new PanelCalibration(divided ?? mean, isDivided ? null : smoothing, product.Range);
    }

    private static Tensor Times(Linear product, Tensor? factors) => factors is null ? product.weight! : product.weight! * factors;

    private void AfterAttentionPreNorm(PanelWorkspace w, float* states, int tokens)
    {
        _output.Run(w.Team, w.Scratch, w.Rows, w.Context, tokens, _width, states, other: states);
        _norm2.Run(w.Team, states, w.Sum, tokens);
        _widen.Run(w.Team, w.Scratch, w.Rows, w.Sum, tokens, _width, w.Wide, _activation);
        _narrow.Run(w.Team, w.Scratch, w.Rows, w.Wide, tokens, _widen.Outputs, w.X, other: states);
    }

    private void AfterAttentionPostNorm(PanelWorkspace w, float* states, int tokens)
    {
        _output.Run(w.Team, w.Scratch, w.Rows, w.Context, tokens, _width, w.Sum, other: states);
        _norm1.Run(w.Team, w.Sum, states, tokens);
        _widen.Run(w.Team, w.Scratch, w.Rows, states, tokens, _width, w.Wide, _activation);
        _narrow.Run(w.Team, w.Scratch, w.Rows, w.Wide, tokens, _widen.Outputs, w.Sum, other: states);
        _norm2.Run(w.Team, w.Sum, w.X, tokens);
    }

    private void CopyFirst(PanelSequence[] sequences, float* rows, float* target)
    {
        for (var i = 0; i < sequences.Length; i++)
            new Span<float>(rows + (nint)sequences[i].First * _width, _width).CopyTo(new Span<float>(target + (nint)i * _width, _width));
    }
}
