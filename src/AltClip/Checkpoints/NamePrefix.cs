namespace AltClip.Checkpoints;

/// <summary>What wrappers of modules put before the names of tensors: DataParallel, torch.compile, Lightning and the like.</summary>
internal static class NamePrefix
{
    private static readonly string[] Parts = ["module.", "model.", "_orig_mod."];

    /// <summary>The prefix under which a file has the most tensors of a model; empty where that is none.</summary>
    /// <param name="names">The names in the file.</param>
    /// <param name="count">How many of names, then without the prefix, are the model's.</param>
    public static string Find(IReadOnlyCollection<string> names, Func<IReadOnlyCollection<string>, int> count)
    {
        var prefixes = names.SelectMany(Prefixes).Distinct().OrderBy(prefix => prefix.Length).ToList();
        return prefixes.Count == 0 ? "" : prefixes.Prepend("").MaxBy(prefix => count(Below(names, prefix)))!;
    }

    /// <summary>The names that have a prefix, without it.</summary>
    public static IReadOnlyCollection<string> Below(IReadOnlyCollection<string> names, string prefix) => prefix.Length == 0
        ? names
        : [.. names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Select(name => name[prefix.Length..])];

    private static IEnumerable<string> Prefixes(string name)
    {
        int end = 0;
        while (Parts.FirstOrDefault(part => name.AsSpan(end).StartsWith(part)) is { } next)
        {
            end += next.Length;
            yield return name[..end];
        }
    }
}
