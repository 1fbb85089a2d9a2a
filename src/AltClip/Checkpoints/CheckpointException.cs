using AltClip.Checkpoints;
using AltClip.Shared;

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

    /// <summary>Tensors do not fit: the first of them, and how many there are.</summary>
    internal static CheckpointException StateMismatch(string path, IReadOnlyCollection<string> problems, string? reason = null)
    {
        var lines = problems.Take(Listing.Most).Select(problem => Listing.Cut(problem, 200));
        if (problems.Count > Listing.Most) lines = lines.Append($"and {problems.Count - Listing.Most} more");
        if (reason is not null) lines = lines.Append(reason);
        return new(
            CheckpointError.StateMismatch, path,
            $"{Quantity.Of(problems.Count, "tensor")} {(problems.Count == 1 ? "does" : "do")} not fit the model:{string.Concat(lines.Select(line => $"{Environment.NewLine}  {line}"))}");
    }

    /// <summary>What is wrong.</summary>
    public CheckpointError Error { get; }

    /// <summary>The file it is wrong with.</summary>
    public string Path { get; }
}
