namespace AltClip.Native;

/// <summary>Where what can be made again is kept for the current user.</summary>
internal static class UserCache
{
    /// <summary>
    /// Gets <c>$XDG_CACHE_HOME/altclip</c>, or <c>~/.cache/altclip</c> when that variable is not set or, as its specification asks, is relative;
    /// null when the user has no home.
    /// </summary>
    public static string? Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } caches && Path.IsPathFullyQualified(caches))
                return Path.Combine(caches, "altclip");
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return home.Length == 0 ? null : Path.Combine(home, ".cache", "altclip");
        }
    }
}
