namespace AltClip.Cli;

/// <summary>Progress that is told on the thread that makes it and in its order, as <see cref="Progress{T}"/> is not.</summary>
internal sealed class ImmediateProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
