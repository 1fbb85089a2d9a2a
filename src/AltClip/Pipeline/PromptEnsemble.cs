using static TorchSharp.torch;

namespace AltClip.Pipeline;

/// <summary>A class as the mean of several sentences about it (Radford et al., arXiv 2103.00020, section 3.1.4).</summary>
internal static class PromptEnsemble
{
    private const int SentencesAtATime = 2048;

    /// <summary>The mean embedding of each class's sentences, brought to length one.</summary>
    /// <param name="pipeline">Embeds the sentences.</param>
    /// <param name="sentences">The sentences of each class, one at least.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>float32 [classes, projection_dim], which the caller disposes.</returns>
    public static Tensor Embed(
        AltCLIPPipeline pipeline, IReadOnlyList<IReadOnlyList<string>> sentences, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var classes = new List<Tensor>();
        for (var first = 0; first < sentences.Count;)
        {
            var (counts, block) = (new List<long>(), new List<string>());
            do
            {
                counts.Add(sentences[first].Count);
                block.AddRange(sentences[first++]);
            }
            while (first < sentences.Count && block.Count + sentences[first].Count <= SentencesAtATime);
            using var inner = NewDisposeScope();
            var embeddings = pipeline.EmbedText(block, cancellationToken).split([.. counts]);
            classes.Add(inner.MoveToOuter(Average(embeddings)));
        }
        return scope.MoveToOuter(cat(classes));
    }

    /// <summary>One embedding of length one for each class: the mean of its sentences' embeddings, which have length one, brought to that length.</summary>
    /// <param name="embeddings">Of each class, [sentences, projection_dim].</param>
    /// <returns>[classes, projection_dim]; the caller disposes it.</returns>
    public static Tensor Average(IEnumerable<Tensor> embeddings)
    {
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(stack(embeddings.Select(own => own.mean([0]))).ToUnitLength());
    }
}
