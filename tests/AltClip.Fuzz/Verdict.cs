using AltClip.Checkpoints;

namespace AltClip.Fuzz;

/// <summary>Says what is wrong with how an input was taken.</summary>
internal static class Verdict
{
    private const double MostSeconds = 5;
    private const long MostBytes = 400_000_000;

    // A picture of few bytes may have MaxPixels; a file of weights is copied at most a few times.
    private const long BytesForEach = 50;

    /// <summary>The kind of finding; null where all is as documented.</summary>
    public static string? Of(Exception? error, FuzzInput input, Usage used)
    {
        if (used.Seconds > MostSeconds) return $"{input.Target.Name}: more than {MostSeconds} s";
        if (used.Bytes > MostBytes + (input.Bytes * BytesForEach)) return $"{input.Target.Name}: more than {MostBytes / 1_000_000} MB";
        if (error is null) return null;
        if (error is not (AltClipException or IOException)) return $"{input.Target.Name}: {error.GetType().Name} at {Place(error)}";
        if (input.Target.NamesFile && !error.Message.Contains(input.Folder, StringComparison.Ordinal) && !error.Message.Contains(input.Changed, StringComparison.Ordinal))
            return $"{input.Target.Name}: {error.GetType().Name} without the file's name at {Place(error)}";
        // What doesn't fit another file is named with what that has: a rank of adapter_config.json, by the tensors.
        if (error is CheckpointException { Error: CheckpointError.StateMismatch }) return null;
        return input.Target.NamesMember && input.Members is { Count: > 0 } members && !members.Any(member => error.Message.Contains(member, StringComparison.Ordinal))
            ? $"{input.Target.Name}: {error.GetType().Name} without a member's name at {Place(error)}" : null;
    }

    /// <summary>The deepest of AltClip's methods.</summary>
    private static string Place(Exception error) =>
        (error.InnerException ?? error).StackTrace?.Split('\n').FirstOrDefault(line => line.Contains(" AltClip.", StringComparison.Ordinal))?.Split(" in ")[0].Trim() ?? "?";
}
