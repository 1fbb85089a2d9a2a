namespace AltClip.Hub;

/// <summary>How far the download of a file is.</summary>
/// <param name="File">The file's name in the model's repository.</param>
/// <param name="BytesDone">
/// How many of its bytes are on disk, those of an earlier attempt included; less than before where it had to start again.
/// </param>
/// <param name="BytesTotal">How many bytes it has.</param>
public readonly record struct HubProgress(string File, long BytesDone, long BytesTotal);
