namespace AltClip.Imaging;

/// <summary>What to do with a picture that cannot be processed.</summary>
public enum ImageErrorHandling
{
    /// <summary>Throw an exception that names it; nothing is returned for the others either.</summary>
    Throw,

    /// <summary>Leave it out of the result and say so in <see cref="ImageBatch.Skipped"/>.</summary>
    Skip,
}
