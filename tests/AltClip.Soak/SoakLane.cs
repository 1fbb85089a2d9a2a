namespace AltClip.Soak;

/// <summary>A pipeline that all threads share, with the results of one thread alone.</summary>
internal sealed class SoakLane : IDisposable
{
    public SoakLane(string model, InferencePrecision precision, IReadOnlyList<SoakRequest> requests)
    {
        // Small batches, so that there is something between them for a call to be cancelled at.
        Pipeline = AltCLIPPipeline.FromPretrained(model, new() { Precision = precision, TextBatchSize = 2, ImageBatchSize = 1 });
        (Name, Requests) = (precision.ToString(), requests);
        Results = [.. requests.Select(request => request.Run(Pipeline, CancellationToken.None))];
    }

    public string Name { get; }

    public AltCLIPPipeline Pipeline { get; }

    public IReadOnlyList<SoakRequest> Requests { get; }

    /// <summary>What each request gives.</summary>
    public IReadOnlyList<float[]> Results { get; }

    public void Dispose() => Pipeline.Dispose();
}
