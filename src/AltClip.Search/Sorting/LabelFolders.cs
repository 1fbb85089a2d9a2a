using System.Text;
using AltClip.Shared;

namespace AltClip.Search;

/// <summary>The names of the folders that labels get: the labels, with <c>_</c> for what no system's names may have.</summary>
internal static class LabelFolders
{
    // Of Linux's file systems, and in characters of all others.
    private const int MostBytes = 255;

    private const string Refused = "/\\:*?\"<>|";

    /// <exception cref="ArgumentException">There are no labels, one is no name, or two have one name.</exception>
    public static IReadOnlyDictionary<string, string> Of(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0) throw new ArgumentException("There are no labels.", nameof(labels));
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        // As on systems where upper and lower case are one name.
        var taken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var label in labels)
        {
            var name = NameOf(label);
            if (!taken.TryAdd(name, label)) throw new ArgumentException($"The labels '{taken[name]}' and '{label}' would have one folder, {name}.", nameof(labels));
            folders.Add(label, name);
        }
        return folders;
    }

    private static string NameOf(string label)
    {
        if (string.IsNullOrWhiteSpace(label)) throw new ArgumentException("A label is empty.", "labels");
        var name = new StringBuilder(label.Length);
        foreach (var c in label) name.Append(char.IsControl(c) || Refused.Contains(c) ? '_' : c);
        // Windows takes away what these end in; "." and ".." are other folders.
        if (name.ToString().Trim().TrimEnd('.') is not { Length: > 0 } folder) throw new ArgumentException($"The label '{label}' can't be a folder's name.", "labels");
        return Encoding.UTF8.GetByteCount(folder) is var bytes and > MostBytes
            ? throw new ArgumentException($"The label '{Listing.Cut(label)}' is too long for a folder's name: {bytes} bytes; expected at most {MostBytes}.", "labels") : folder;
    }
}
