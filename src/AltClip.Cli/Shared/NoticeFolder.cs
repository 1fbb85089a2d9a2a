namespace AltClip.Cli;

/// <summary>Remembers, as empty files, which notices a user has read.</summary>
/// <param name="folder">Where.</param>
internal sealed class NoticeFolder(string folder)
{
    /// <summary>The user's own; null where users have no folder for such.</summary>
    public static NoticeFolder? OfUser => Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state ? In(state)
        // It needn't be there yet.
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data ? In(data) : null;

    /// <summary>Whether a notice was not read yet; from now on it is. Where that can't be remembered, it is new each time.</summary>
    public bool IsNew(string name)
    {
        var file = Path.Combine(folder, name);
        if (File.Exists(file)) return false;
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(file, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A home that is read-only.
        }
        return true;
    }

    private static NoticeFolder In(string folder) => new(Path.Combine(folder, CliConsole.ToolName, "notices"));
}
