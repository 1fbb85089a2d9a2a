using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// Labels whose embeddings are computed once, for any number of pictures (Radford et al., arXiv 2103.00020). Made by
/// <see cref="AltCLIPPipeline.CreateClassifier"/>. Several threads may share one.
/// </summary>
public sealed class ZeroShotClassifier : IDisposable
{
    private const string Placeholder = "{}";

    private readonly AltCLIPPipeline _pipeline;
    private readonly Tensor _labelEmbeddings;

    private ZeroShotClassifier(AltCLIPPipeline pipeline, IReadOnlyList<string> labels, Tensor labelEmbeddings)
    {
        _pipeline = pipeline;
        Labels = labels;
        _labelEmbeddings = labelEmbeddings;
    }

    /// <summary>The labels.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Says which labels fit each picture.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>For each picture all labels with their probabilities, the most probable first.</returns>
    /// <exception cref="ArgumentException">There are no pictures.</exception>
    /// <exception cref="InvalidDataException">A picture can't be read; the message names it.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    public IReadOnlyList<IReadOnlyList<LabelProbability>> Classify(IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var logits = _pipeline.EmbedImages(images, cancellationToken).matmul(_labelEmbeddings.t()) * _pipeline.Model.LogitScale;
        return
        [
            .. logits.softmax(1).ToRows().Select(row => new LabelProbabilities(
                [.. row.Select((probability, i) => new LabelProbability(Labels[i], probability)).OrderByDescending(label => label.Probability)])),
        ];
    }

    /// <summary>Frees the labels' embeddings.</summary>
    public void Dispose() => _labelEmbeddings.Dispose();

    internal static ZeroShotClassifier Create(
        AltCLIPPipeline pipeline, IReadOnlyList<string> labels, IReadOnlyList<string> templates, CancellationToken cancellationToken)
    {
        Check.Items(labels, nameof(labels), "label");
        Check.Items(templates, nameof(templates), "template");
        if (templates.FirstOrDefault(template => !template.Contains(Placeholder)) is { } without)
            throw new ArgumentException($"The template \"{without}\" has no {Placeholder} for the label.", nameof(templates));

        using var scope = NewDisposeScope();
        var sentences = labels.SelectMany(label => templates.Select(template => template.Replace(Placeholder, label))).ToList();
        var embeddings = pipeline.EmbedText(sentences, cancellationToken).view(labels.Count, templates.Count, -1).mean([1]).ToUnitLength();
        return new ZeroShotClassifier(pipeline, [.. labels], embeddings.DetachFromDisposeScope());
    }
}
