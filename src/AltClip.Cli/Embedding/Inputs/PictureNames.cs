namespace AltClip.Cli;

/// <summary>Files that are pictures by their names.</summary>
internal static class PictureNames
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"];

    public static bool IsPicture(string name) => Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
}
