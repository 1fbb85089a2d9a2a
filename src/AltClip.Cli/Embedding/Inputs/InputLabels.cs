namespace AltClip.Cli;

/// <summary>What tells the folders and files of a job apart.</summary>
internal static class InputLabels
{
    /// <summary>The last names in the path of each, as many as are needed for no two to be the same, and for all as many.</summary>
    /// <param name="paths">The folders and files.</param>
    /// <returns>The labels, with slashes. No label is the beginning of another with a slash behind it.</returns>
    /// <exception cref="ArgumentException">One is given twice.</exception>
    public static string[] Of(IReadOnlyList<string> paths)
    {
        string[] full = [.. paths.Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))];
        RefuseTwice(full);
        string[][] names = [.. full.Select(path => path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))];
        for (var count = 1; ; count++)
        {
            string[] labels = [.. names.Select(path => Last(path, count))];
            if (labels.Distinct().Count() == labels.Length) return labels;
        }
    }

    private static void RefuseTwice(string[] paths)
    {
        var places = new Dictionary<string, int>();
        for (var i = 0; i < paths.Length; i++)
        {
            if (!places.TryAdd(paths[i], i))
                throw new ArgumentException($"{paths[i]} is given twice, as input {places[paths[i]] + 1} and {i + 1}; expected each folder and file once.");
        }
    }

    // Where the root is reached, empty names stand for what isn't there.
    private static string Last(string[] names, int count) =>
        string.Join('/', Enumerable.Repeat("", Math.Max(count - names.Length, 0)).Concat(names.TakeLast(count)));
}
