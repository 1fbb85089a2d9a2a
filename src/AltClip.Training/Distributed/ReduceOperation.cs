namespace AltClip.Training.Distributed;

/// <summary>How <see cref="ProcessGroup.AllReduce"/> puts the processes' numbers together. The values are those of c10d.</summary>
public enum ReduceOperation
{
    /// <summary>Their sum.</summary>
    Sum = 0,

    /// <summary>The smallest.</summary>
    Min = 3,

    /// <summary>The largest.</summary>
    Max = 4,
}
