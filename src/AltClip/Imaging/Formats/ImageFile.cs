namespace AltClip.Imaging.Formats;

/// <summary>A picture's file, read into the workspace, and how it is wanted.</summary>
/// <param name="Name">What errors call the picture.</param>
/// <param name="Length">The bytes of the file.</param>
/// <param name="Options">Orientation, background, limits.</param>
/// <param name="ConvertRgb">Whether pictures stored otherwise than as RGB are converted; if not, they are refused.</param>
/// <param name="Workspace">Memory that the rows need for as long as they are used.</param>
internal readonly unsafe record struct ImageFile(
    string Name, int Length, ImageProcessingOptions Options, bool ConvertRgb, ImageWorkspace Workspace)
{
    /// <summary>The file. It is a copy, which a decoder may change.</summary>
    public Span<byte> Bytes => new(Workspace.Encoded.Memory, Length);
}
