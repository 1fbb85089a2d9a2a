using AltClip.Shared;

namespace AltClip.Training.Data;

/// <summary>A data set is not as it has to be. All that is wrong was looked for before any work was done.</summary>
public class DataSetException : AltClipException
{
    private const int Shown = 20;

    internal DataSetException(string dataSet, string what, IReadOnlyList<string>? problems = null, Exception? innerException = null)
        : base(Describe(dataSet, what, problems ?? []), innerException)
    {
        DataSet = dataSet;
        Problems = problems ?? [];
    }

    /// <summary>The file that says what is in the data set, or its name.</summary>
    public string DataSet { get; }

    /// <summary>
    /// All that is wrong, where it is more than the message says: with line numbers, or names of members. The message shows the first 20.
    /// </summary>
    public IReadOnlyList<string> Problems { get; }

    /// <summary>Refuses a data set in which something is malformed.</summary>
    internal static void ThrowIfMalformed(string dataSet, string what, IReadOnlyList<string> problems)
    {
        if (problems.Count > 0) throw new DataSetException(dataSet, Quantity.Of(problems.Count, $"malformed {what}"), problems);
    }

    private static string Describe(string dataSet, string what, IReadOnlyList<string> problems)
    {
        var lines = problems.Take(Shown).Prepend($"{dataSet}: {what}");
        return string.Join("\n  ", problems.Count > Shown ? lines.Append($"and {problems.Count - Shown} more") : lines);
    }
}

/// <summary>Captions name pictures that are not there.</summary>
public sealed class MissingImagesException : DataSetException
{
    internal MissingImagesException(string dataSet, IReadOnlyList<string> missing)
        : base(dataSet, $"{missing.Count} of the pictures named are not there; expected them at", missing) => MissingImages = missing;

    /// <summary>Where each picture was expected, in the order of the captions.</summary>
    public IReadOnlyList<string> MissingImages { get; }
}
