namespace AltClip.Search;

/// <summary>What <see cref="PictureSorter"/> does with the pictures. None moves or deletes one.</summary>
public enum PictureSortAction
{
    /// <summary>Copies them.</summary>
    Copy,

    /// <summary>Makes symbolic links to them. On Windows this takes developer mode or an administrator.</summary>
    Link,
}

/// <summary>A picture with the place that its label gives it.</summary>
/// <param name="Picture">The picture's full path.</param>
/// <param name="Label">The label that fits best.</param>
/// <param name="Probability">The label's probability among all labels.</param>
/// <param name="Target">Where it goes; null if it stays because the probability is too small.</param>
/// <param name="IsThere">Whether it is there already, as a copy or a link; one that is copied takes the place of a link.</param>
public sealed record SortedPicture(string Picture, string Label, float Probability, string? Target, bool IsThere);

/// <summary>What would be done, and nothing that was.</summary>
/// <param name="Into">The folder that gets a folder for each label.</param>
/// <param name="Pictures">The pictures, in the order of their paths.</param>
/// <param name="Failures">Pictures that could not be read, which stay where they are, and then folders that could not be listed.</param>
public sealed record PictureSortPlan(string Into, IReadOnlyList<SortedPicture> Pictures, IReadOnlyList<ImageFailure> Failures);

/// <summary>What was done.</summary>
/// <param name="Pictures">The pictures with the places that they have now.</param>
/// <param name="Done">How many were copied or linked.</param>
/// <param name="Failures">Pictures that could not be copied or linked.</param>
public sealed record PictureSortReport(IReadOnlyList<SortedPicture> Pictures, int Done, IReadOnlyList<ImageFailure> Failures);
