using System.Globalization;
using AltClip.Inference;
using AltClip.Pipeline;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip;

/// <summary>
/// Labels whose embeddings are computed once, for any number of pictures (Radford et al., arXiv 2103.00020). Made by
/// <see cref="AltCLIPPipeline.CreateClassifier"/>. Several threads may share one.
/// </summary>
public sealed class ZeroShotClassifier : IDisposable
{
    private const string Placeholder = "{}";

    // What is left of length one in numbers of 16 bits is closer by far.
    private const double Tolerance = 0.01;

    private readonly AltCLIPPipeline _pipeline;
    private readonly Tensor _labelEmbeddings;
    private readonly CallGate _calls;

    private ZeroShotClassifier(AltCLIPPipeline pipeline, IReadOnlyList<string> labels, Tensor labelEmbeddings)
    {
        _pipeline = pipeline;
        Labels = labels;
        _labelEmbeddings = labelEmbeddings;
        _calls = new CallGate(this, labelEmbeddings.Dispose);
    }

    /// <summary>The labels.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Says which labels fit each picture.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>For each picture all labels with their probabilities, the most probable first.</returns>
    /// <exception cref="ArgumentException">A picture is null.</exception>
    /// <exception cref="ImageException">A picture can't be read; the message names it.</exception>
    /// <exception cref="IOException">A picture's file is missing; an <see cref="UnauthorizedAccessException"/> where it may not be read.</exception>
    /// <exception cref="ObjectDisposedException">The classifier or its pipeline is disposed.</exception>
    public IReadOnlyList<IReadOnlyList<LabelProbability>> Classify(IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default)
    {
        using var call = _calls.Enter();
        using var scope = NewDisposeScope();
        return Classify(_pipeline.EmbedImages(images, cancellationToken));
    }

    /// <summary>Says in the background which labels fit each picture.</summary>
    /// <inheritdoc cref="Classify(IReadOnlyList{ImageSource}, CancellationToken)"/>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public Task<IReadOnlyList<IReadOnlyList<LabelProbability>>> ClassifyAsync(
        IReadOnlyList<ImageSource> images, CancellationToken cancellationToken = default) =>
        Task.Run(() => Classify(images, cancellationToken), cancellationToken);

    /// <summary>Says which labels fit a picture that is embedded already, as <see cref="AltCLIPPipeline.EncodeImagesAsync"/> does.</summary>
    /// <param name="embedding">The picture's embedding of length one, projection_dim numbers.</param>
    /// <returns>All labels with their probabilities, the most probable first.</returns>
    /// <exception cref="ArgumentException">The embedding has another number of numbers than the labels', or isn't of length one.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public IReadOnlyList<LabelProbability> Classify(ReadOnlyMemory<float> embedding)
    {
        using var call = _calls.Enter();
        var dimensions = _labelEmbeddings.shape[1];
        if (embedding.Length != dimensions)
            throw new ArgumentException($"The embedding has {embedding.Length} numbers; expected {dimensions}.", nameof(embedding));
        var numbers = embedding.ToArray();
        // Not finite too if a number is not.
        var length = Math.Sqrt(numbers.Sum(number => number * number));
        if (!double.IsFinite(length)) throw new ArgumentException("The embedding has numbers that are not finite, or too large.", nameof(embedding));
        if (Math.Abs(length - 1) > Tolerance)
        {
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The embedding has length {length:G4}; expected 1: divide its numbers by it."), nameof(embedding));
        }
        using var scope = NewDisposeScope();
        return Classify(tensor(numbers, [1, dimensions], device: _labelEmbeddings.device))[0];
    }

    /// <summary>Frees the labels' embeddings, where calls are under way when the last of them ends. Later calls are refused.</summary>
    public void Dispose() => _calls.Close();

    internal static ZeroShotClassifier Create(
        AltCLIPPipeline pipeline, IReadOnlyList<string> labels, IReadOnlyList<string> templates, CancellationToken cancellationToken)
    {
        Check.Items(labels, nameof(labels), "label");
        Check.Items(templates, nameof(templates), "template");
        if (templates.FirstOrDefault(template => !template.Contains(Placeholder)) is { } without)
            throw new ArgumentException($"The template \"{without}\" has no {Placeholder} for the label.", nameof(templates));

        var sentences = labels.Select(label => (IReadOnlyList<string>)[.. templates.Select(template => template.Replace(Placeholder, label))]).ToList();
        var embeddings = PromptEnsemble.Embed(pipeline, sentences, cancellationToken).DetachFromDisposeScope();
        return new ZeroShotClassifier(pipeline, [.. labels], embeddings);
    }

    private LabelProbabilities[] Classify(Tensor embeddings)
    {
        var similarities = embeddings.matmul(_labelEmbeddings.t());
        var probabilities = similarities.Times(_pipeline.Model.LogitScale).softmax(1);
        return
        [
            .. probabilities.ToRows().Zip(similarities.ToRows(), (row, cosines) => new LabelProbabilities(
                [.. row.Select((probability, i) => new LabelProbability(Labels[i], probability, cosines[i])).OrderByDescending(label => label.Probability)])),
        ];
    }
}
