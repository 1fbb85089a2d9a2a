namespace AltClip.Search;

/// <summary>Checks that a model's embeddings can be compared with a store's.</summary>
internal static class PipelineCheck
{
    public static void RefuseOtherDimensions(IImageStore store, AltCLIPPipeline pipeline)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(pipeline);
        // Of the name the store was told when it was opened.
        ModelMismatchException.ThrowIfDifferent(store.Name, store.Model, new EmbeddingModel(store.Model.Id, pipeline.Model.Config.ProjectionDim));
    }
}
