namespace AltClip.Imaging;

/// <summary>The one rule for loops that go on after a picture that can't be read.</summary>
internal static class UnreadablePicture
{
    /// <summary>Whether an exception is the picture's own fault, or its file's.</summary>
    public static bool IsMeantBy(Exception error) => error is ImageException or IOException or UnauthorizedAccessException;
}
