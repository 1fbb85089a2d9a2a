namespace AltClip.Cli;

/// <summary>What the tool tells the shell.</summary>
internal enum ExitCode
{
    /// <summary>All is done.</summary>
    Done = 0,

    /// <summary>The job failed.</summary>
    Failed = 1,

    /// <summary>The command line is wrong.</summary>
    WrongUsage = 2,

    /// <summary>The job is done, but for some items that failed.</summary>
    SomeFailed = 3,

    /// <summary>The user stopped the job: 128 and the number of SIGINT, as shells have it.</summary>
    Cancelled = 130,
}
