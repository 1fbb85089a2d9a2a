using System.Text.RegularExpressions;

namespace AltClip.Search;

/// <summary>What kind of connection string one is, for <see cref="IImageStoreProvider.Accepts"/>.</summary>
public static partial class ConnectionStrings
{
    /// <summary>
    /// Whether it is a path: what begins with <c>scheme://</c> or <c>key=</c> is none. A path that begins like that is written with <c>./</c> before it.
    /// </summary>
    /// <param name="connectionString">The connection string.</param>
    public static bool IsPath(string connectionString) => !Beginning().IsMatch(connectionString);

    /// <summary>Whether it is a URI of one of these schemes.</summary>
    /// <param name="connectionString">The connection string.</param>
    /// <param name="schemes">The schemes, without <c>://</c>. Upper and lower case are the same.</param>
    public static bool HasScheme(string connectionString, params ReadOnlySpan<string> schemes)
    {
        foreach (var scheme in schemes)
            if (connectionString.StartsWith($"{scheme}://", StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>Whether it has one of these keys, as in <c>key=value;key=value</c>. A path has none, unless it looks very odd.</summary>
    /// <param name="connectionString">The connection string.</param>
    /// <param name="keys">The keys. Upper and lower case are the same.</param>
    public static bool HasKey(string connectionString, params ReadOnlySpan<string> keys)
    {
        foreach (var part in connectionString.Split(';'))
        {
            var name = part.Split('=', 2) is [var left, _] ? left.Trim() : null;
            foreach (var key in keys)
                if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }

    /// <summary>What it is, for errors: not its values, which may be passwords.</summary>
    /// <param name="connectionString">The connection string.</param>
    public static string Describe(string connectionString) =>
        Beginning().Match(connectionString) is { Success: true } match ? $"{match.Value.Trim()}…" : "a path";

    // Two letters at least: C:// is a drive.
    [GeneratedRegex(@"^\s*([A-Za-z][A-Za-z0-9+.-]+://|[A-Za-z][A-Za-z0-9 _]*=)")]
    private static partial Regex Beginning();
}
