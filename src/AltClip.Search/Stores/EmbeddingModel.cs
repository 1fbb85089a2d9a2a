namespace AltClip.Search;

/// <summary>What made the embeddings of a store. Only embeddings of one model can be compared, so a store remembers it.</summary>
/// <param name="Id">The model's name, such as <c>BAAI/AltCLIP</c>. It is compared to the letter.</param>
/// <param name="Dimensions">How many numbers an embedding has.</param>
public sealed record EmbeddingModel(string Id, int Dimensions)
{
    /// <summary>The model's name.</summary>
    public string Id { get; } = !string.IsNullOrWhiteSpace(Id) ? Id : throw new ArgumentException("The model has no name.", nameof(Id));

    /// <summary>How many numbers an embedding has.</summary>
    public int Dimensions { get; } = Dimensions > 0
        ? Dimensions : throw new ArgumentOutOfRangeException(nameof(Dimensions), Dimensions, "An embedding has at least one number.");

    /// <summary>The model of a pipeline.</summary>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="folderOrId">Where it was loaded from: a folder, whose last part names the model, or an id of the Hub.</param>
    public static EmbeddingModel Of(AltCLIPPipeline pipeline, string folderOrId)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentException.ThrowIfNullOrWhiteSpace(folderOrId);
        var name = Directory.Exists(folderOrId) ? new DirectoryInfo(folderOrId).Name : folderOrId;
        return new EmbeddingModel(name, pipeline.Model.Config.ProjectionDim);
    }

    /// <summary>The name and the number of dimensions.</summary>
    public override string ToString() => $"{Id} ({Dimensions} dimensions)";
}
