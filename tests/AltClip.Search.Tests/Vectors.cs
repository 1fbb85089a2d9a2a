using System.Numerics.Tensors;

namespace AltClip.Search.Tests;

/// <summary>Embeddings whose neighbours are known by comparing with each.</summary>
internal static class Vectors
{
    /// <summary>A vector of normally distributed numbers.</summary>
    public static float[] Random(Random random, int dimensions)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
            vector[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return vector;
    }

    public static ImageEntry Entry(string id, float[] embedding) =>
        new() { Id = id, Embedding = embedding, Size = embedding.Length, Modified = DateTimeOffset.UnixEpoch.AddSeconds(id.Length) };

    /// <summary>The nearest by comparing with each, the best first.</summary>
    public static (string Id, float Score)[] Nearest(IEnumerable<ImageEntry> images, float[] query, int top) =>
    [
        .. images.Select(image => (image.Id, Score: TensorPrimitives.CosineSimilarity(image.Embedding.Span, query)))
            .OrderByDescending(match => match.Score).ThenBy(match => match.Id, StringComparer.Ordinal).Take(top),
    ];

    public static void AssertSame((string Id, float Score)[] expected, IReadOnlyList<ImageMatch> actual)
    {
        Xunit.Assert.Equal(expected.Select(match => match.Id), actual.Select(match => match.Image.Id));
        Xunit.Assert.Equal(expected.Select(match => match.Score), actual.Select(match => match.Score), (a, b) => Math.Abs(a - b) < 1e-5);
    }
}
