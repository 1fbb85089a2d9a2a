namespace AltClip;

/// <summary>A picture of a stream with its embedding.</summary>
/// <param name="Index">Its place in the stream, from 0.</param>
/// <param name="Name">Its name, as <see cref="ImageSource.Name"/>.</param>
/// <param name="Embedding">projection_dim numbers of length one; empty if the picture could not be read.</param>
/// <param name="Error">Why the picture could not be read, or null.</param>
public sealed record EncodedImage(int Index, string Name, ReadOnlyMemory<float> Embedding, Exception? Error);

/// <summary>A label of a picture.</summary>
/// <param name="Label">The label.</param>
/// <param name="Probability">
/// Its probability among the labels given, 0 to 1: they add up to 1 even if none of them is right, so that it says which label fits best and not
/// whether it fits.
/// </param>
/// <param name="Similarity">The cosine of its embedding and the picture's, -1 to 1, which doesn't depend on the other labels.</param>
public sealed record LabelProbability(string Label, float Probability, float Similarity);

/// <summary>One of the things compared with a query.</summary>
/// <param name="Index">Its place among them, from 0.</param>
/// <param name="Similarity">The cosine of its embedding and the query's, -1 to 1.</param>
public sealed record RankedItem(int Index, float Similarity);
