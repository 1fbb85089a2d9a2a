namespace AltClip.Training.Distributed;

/// <summary>
/// The processes of a group can't reach each other, or no longer: one has ended, the network is away, the address is wrong, or the time is up.
/// The group is of no more use; a run goes on from its last checkpoint in a new one.
/// </summary>
public sealed class ProcessGroupException : AltClipException
{
    /// <summary>An exception with a message for people.</summary>
    /// <param name="message">What failed, and in which process.</param>
    /// <param name="innerException">What it comes from, if anything.</param>
    public ProcessGroupException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
