using AltClip.Checkpoints;

namespace AltClip;

/// <summary>
/// A checkpoint file is not what its format says it must be. The message names the file, what was found and what was expected.
/// </summary>
/// <remarks>A file or folder that does not exist is a <see cref="FileNotFoundException"/> or <see cref="DirectoryNotFoundException"/> instead.</remarks>
public sealed class CheckpointException : AltClipException
{
    internal CheckpointException(CheckpointError error, string path, string message, Exception? innerException = null)
        : base($"'{path}': {message}", innerException)
    {
        Error = error;
        Path = path;
    }

    internal static CheckpointException StateMismatch(string path, IReadOnlyCollection<string> problems) =>
        new(CheckpointError.StateMismatch, path, $"{problems.Count} tensors do not fit the model:{string.Concat(problems.Select(problem => $"{Environment.NewLine}  {problem}"))}");

    /// <summary>What is wrong.</summary>
    public CheckpointError Error { get; }

    /// <summary>The file it is wrong with.</summary>
    public string Path { get; }
}
