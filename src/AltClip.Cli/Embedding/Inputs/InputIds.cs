namespace AltClip.Cli;

/// <summary>Sees to it that no two inputs of a job have one id.</summary>
internal static class InputIds
{
    /// <summary>
    /// The form of ids that a job needs: short, unless inputs of two folders or files would then have the same. It follows from all inputs, so
    /// that all shares have the same form, however many there are.
    /// </summary>
    /// <param name="sources">All inputs of the job, with short ids.</param>
    /// <param name="cancellationToken">Stops between inputs.</param>
    /// <remarks>Names are read only where equal ones are possible: not of tar files with names of their own, say.</remarks>
    /// <exception cref="EmbedException">A file can't be read, or has inputs that can't be told apart.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static IdForm Choose(IReadOnlyList<InputSource> sources, CancellationToken cancellationToken = default)
    {
        var ids = new IdSet();
        foreach (var id in MayBeEqual(sources).SelectMany(source => source.Ids()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!ids.Add(id)) return IdForm.Long;
        }
        return IdForm.Short;
    }

    private static IEnumerable<InputSource> MayBeEqual(IReadOnlyList<InputSource> sources) =>
        sources.Count > 1 && sources.Any(source => source.IdStart.Length == 0) ? sources
            : sources.GroupBy(source => source.IdStart).Where(equal => equal.Count() > 1).SelectMany(equal => equal);
}
