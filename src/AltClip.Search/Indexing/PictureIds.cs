namespace AltClip.Search;

/// <summary>What pictures in folders are called in stores: their full path, or that from another folder on, with <c>/</c> between folders.</summary>
internal static class PictureIds
{
    /// <summary>The id of a file or folder.</summary>
    public static string Of(string path, string? relativeTo) =>
        (relativeTo is null ? path : Path.GetRelativePath(relativeTo, path)).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>What the ids of a folder's pictures begin with; empty where they are relative to the folder itself.</summary>
    public static string PrefixOf(string folder, string? relativeTo) => Of(folder, relativeTo).TrimEnd('/') is var id && id == "." ? "" : $"{id}/";

    /// <summary>Whether a picture is of a folder. Where ids are relative to the folder itself, full paths are of another one.</summary>
    public static bool Owns(string prefix, string id) => prefix.Length > 0 ? id.StartsWith(prefix, StringComparison.Ordinal) : !Path.IsPathRooted(id);
}
