using AltClip.Inference.Kernels;
using AltClip.Inference.Kernels.Libtorch;
using AltClip.Modeling.Text;
using static TorchSharp.torch;

namespace AltClip.Inference.Calibration;

/// <summary>Measures what products of an encoder take in, on inputs like those that it will be used for.</summary>
internal static class Calibrator
{
    /// <summary>How many rows of a product's inputs are kept to try ways of rounding with.</summary>
    private const int KeptRows = 512;

    /// <summary>Calibrates the text encoder.</summary>
    /// <param name="model">The model, in float32 on the CPU.</param>
    /// <param name="texts">Token ids, each text for itself: int64 [1, sequence].</param>
    /// <param name="progress">Is told after each how many are done.</param>
    /// <param name="cancellationToken">Stops between texts and between products.</param>
    public static EncoderCalibration OfTexts(
        AltCLIPModel model, IReadOnlyList<Tensor> texts, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        using var recorder = new Recorder(texts.Count);
        using (var tower = new TextTower(model, recorder.Way, release: false))
        {
            Recorder.Run(texts, ids => tower.Encode(TextInputs.Checked(model.Config.TextConfig, ids, null, null, null)), progress, cancellationToken);
        }
        return recorder.Best(EncoderSpec.Text(model), cancellationToken);
    }

    /// <summary>Calibrates the image encoder.</summary>
    /// <param name="model">The model, in float32 on the CPU.</param>
    /// <param name="pictures">Normalised pictures, each for itself: float32 [1, channels, height, width].</param>
    /// <param name="progress">Is told after each how many are done.</param>
    /// <param name="cancellationToken">Stops between pictures and between products.</param>
    public static EncoderCalibration OfImages(
        AltCLIPModel model, IReadOnlyList<Tensor> pictures, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        using var recorder = new Recorder(pictures.Count);
        using (var tower = new VisionTower(model, recorder.Way, release: false)) Recorder.Run(pictures, tower.Encode, progress, cancellationToken);
        return recorder.Best(EncoderSpec.Image(model), cancellationToken);
    }

    private sealed class Recorder(int count) : IDisposable
    {
        private readonly Dictionary<string, RecordedInputs> _inputs = [];
        private readonly Generator _random = new(0);

        /// <summary>Runs an encoder in float32 and takes note of what its products take in.</summary>
        public EncoderCandidate Way => new(new LibtorchKernel(observe: Observe), InferencePrecision.Float32);

        public static void Run(IReadOnlyList<Tensor> inputs, Func<Tensor, Tensor> encode, IProgress<int>? progress, CancellationToken cancellationToken)
        {
            using var noGrad = no_grad();
            for (var i = 0; i < inputs.Count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                encode(inputs[i]).Dispose();
                progress?.Report(i + 1);
            }
        }

        public EncoderCalibration Best(EncoderSpec encoder, CancellationToken cancellationToken)
        {
            using var noGrad = no_grad();
            var products = new Dictionary<string, ProductCalibration>();
            foreach (var layer in encoder.Layers)
            {
                foreach (var (name, weights) in layer.Weights())
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    using var scope = NewDisposeScope();
                    products.Add(name, ProductSearch.Best(cat([.. weights]).to(float32), _inputs[name]));
                }
            }
            return new EncoderCalibration(products, WeightsDigest.Of(encoder));
        }

        public void Dispose()
        {
            foreach (var inputs in _inputs.Values) inputs.Dispose();
            _random.Dispose();
        }

        private void Observe(string name, Tensor x)
        {
            if (!_inputs.TryGetValue(name, out var inputs)) _inputs.Add(name, inputs = new RecordedInputs(_random));
            inputs.Add(x, Math.Max(1, KeptRows / count));
        }
    }
}
