using System.Text;
using System.Text.RegularExpressions;

namespace AltClip.Imaging;

/// <summary>
/// Which files and folders are left out, by patterns in which <c>*</c> stands for anything but <c>/</c>, <c>**</c> for anything and <c>?</c> for one
/// character. A pattern without a <c>/</c> is of names wherever they are, another of paths from the folder on. Of a folder that is left out, all is.
/// </summary>
internal sealed class PictureFilter
{
    private readonly Regex[] _names, _paths;

    /// <exception cref="ArgumentException">A pattern is empty.</exception>
    public PictureFilter(IEnumerable<string> patterns)
    {
        // As a shell completes folders, and as paths from here on are often written.
        string[] plain = [.. patterns.Select(Plain)];
        _names = [.. plain.Where(pattern => !pattern.Contains('/')).Select(Compile)];
        _paths = [.. plain.Where(pattern => pattern.Contains('/')).Select(pattern => Compile(pattern.TrimStart('/')))];
    }

    /// <summary>Whether a file or folder is left out.</summary>
    /// <param name="path">Its path from the folder on.</param>
    public bool LeavesOut(string path)
    {
        var unix = path.Replace(Path.DirectorySeparatorChar, '/');
        var name = unix[(unix.LastIndexOf('/') + 1)..];
        return _names.Any(pattern => pattern.IsMatch(name)) || _paths.Any(pattern => pattern.IsMatch(unix));
    }

    /// <summary>Whether a file is left out, or a folder that it is in.</summary>
    /// <param name="path">Its path from the folder on.</param>
    public bool LeavesOutAny(string path)
    {
        for (var end = path.IndexOf('/'); end >= 0; end = path.IndexOf('/', end + 1))
            if (end > 0 && LeavesOut(path[..end])) return true;
        return LeavesOut(path);
    }

    private static string Plain(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern, nameof(pattern));
        var plain = pattern.Replace(Path.DirectorySeparatorChar, '/').TrimEnd('/');
        if (plain.StartsWith("./", StringComparison.Ordinal)) plain = plain[1..];
        return plain.Trim('.', '/').Length > 0 ? plain : throw new ArgumentException($"The pattern '{pattern}' of what is left out names nothing.", nameof(pattern));
    }

    private static Regex Compile(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i..].StartsWith("**/", StringComparison.Ordinal))
            {
                regex.Append("(.*/)?");
                i += 2;
            }
            else if (pattern[i..].StartsWith("**", StringComparison.Ordinal))
            {
                regex.Append(".*");
                i++;
            }
            else
            {
                regex.Append(pattern[i] switch
                {
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    var other => Regex.Escape(other.ToString()),
                });
            }
        }
        var casing = OperatingSystem.IsWindows() ? RegexOptions.IgnoreCase : RegexOptions.None;
        return new Regex(regex.Append(@"\z").ToString(), RegexOptions.Singleline | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | casing);
    }
}
