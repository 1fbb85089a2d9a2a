using AltClip.Imaging;
using static TorchSharp.torch;

namespace AltClip.Cli;

/// <summary>Turns inputs into embeddings of length one, in two steps that may run beside each other. An input that can't be read fails alone.</summary>
internal sealed class BatchEncoder(AltCLIPPipeline pipeline)
{
    private readonly AltCLIPProcessorOptions _options = new()
    {
        Images = pipeline.Options.Images with { OnError = ImageErrorHandling.Skip },
        Device = pipeline.Options.Device,
    };

    /// <summary>Decodes pictures; texts need nothing.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public PreparedBatch Prepare(InputBatch batch, CancellationToken cancellationToken)
    {
        List<EmbedInput> readable = [.. batch.Inputs.Where(input => input.Error is null)];
        List<FailedInput> failures = [.. batch.Inputs.Where(input => input.Error is not null).Select(input => Failure(input, input.Error!))];
        ImageSource[] pictures = [.. readable.Where(input => input.Text is null).Select(input => ImageSource.FromBytes(input.Picture, input.Id))];
        if (pictures.Length == 0) return new PreparedBatch(batch, readable, failures, null);
        var tensors = pipeline.Processor.Process(images: pictures, options: _options, cancellationToken: cancellationToken);
        failures.AddRange(tensors.SkippedImages.Select(skipped => Failure(readable[skipped.Index], ErrorText.Of(skipped.Error))));
        return new PreparedBatch(batch, [.. tensors.ImageIndices.Select(index => readable[index])], failures, tensors);
    }

    /// <summary>Computes embeddings.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IReadOnlyList<EmbeddedRow> Encode(PreparedBatch prepared, CancellationToken cancellationToken)
    {
        if (prepared.Readable.Count == 0) return [];
        using var scope = NewDisposeScope();
        using var withoutGradients = no_grad();
        var embeddings = prepared.Tensors is { } tensors
            ? nn.functional.normalize(pipeline.Model.get_image_features(tensors.PixelValues!).to_type(ScalarType.Float32), dim: 1)
            : pipeline.EmbedText([.. prepared.Readable.Select(input => input.Text!)], cancellationToken);
        var numbers = embeddings.cpu().data<float>().ToArray();
        var width = numbers.Length / prepared.Readable.Count;
        return [.. prepared.Readable.Select((input, i) => new EmbeddedRow(
            input.Id, input.Source, input.Index, numbers[(i * width)..((i + 1) * width)]))];
    }

    private static FailedInput Failure(EmbedInput input, string error) => new(input.Id, input.Source, input.Index, error);
}
