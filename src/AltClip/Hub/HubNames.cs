using System.Text.RegularExpressions;
using AltClip.Shared;

namespace AltClip.Hub;

/// <summary>
/// What may become part of a path in the cache. Servers and repositories choose these names, so nothing but what is allowed here gets
/// near the file system.
/// </summary>
internal static partial class HubNames
{
    // No blob can be called as another's unfinished download or lock.
    private static readonly string[] Reserved = [".incomplete", ".lock", "."];

    /// <summary>Whether a text is a full commit hash, as snapshots are named.</summary>
    public static bool IsCommit(string text) => CommitPattern().IsMatch(text);

    /// <summary>Whether a text can name a blob: a hash, or what mirrors have instead of one.</summary>
    public static bool IsEtag(string text) => EtagPattern().IsMatch(text) && !text.Contains("..") && !Reserved.Any(text.EndsWith);

    /// <summary>Whether a text is names joined by <c>/</c>, which leads nowhere but down.</summary>
    public static bool IsRelativePath(string text) => text.Split('/').All(FileName.IsOne);

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();

    // Hashes; what stores and proxies add to them, such as -2 for two parts, --gzip or .1; and what is no hash at all.
    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z_.=+~-]{0,199}\z")]
    private static partial Regex EtagPattern();
}
