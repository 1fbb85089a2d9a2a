using AltClip.Training.Distributed;

namespace AltClip.Training;

/// <summary>What only one process is to do: rank 0 of a group, while the others wait, or the one that trains alone.</summary>
internal static class FirstProcess
{
    /// <param name="group">The processes that train together; null for this one alone.</param>
    /// <param name="work">What to do.</param>
    public static void Run(ProcessGroup? group, Action work)
    {
        if (group is null) work();
        else group.RunOnFirst(work);
    }

    /// <param name="group">The processes that train together; null for this one alone.</param>
    /// <param name="work">Finds a number.</param>
    /// <returns>The number, in all processes.</returns>
    public static double Run(ProcessGroup? group, Func<double> work) => group is null ? work() : group.RunOnFirst(work);
}
