using ImageMagick;
using ImageMagick.Configuration;

namespace AltClip.Imaging.Magick;

/// <summary>Leaves ImageMagick, in this process, with nothing but what this package needs.</summary>
internal static class MagickRestrictions
{
    private const string Policy = """
        <policymap>
          <policy domain="delegate" rights="none" pattern="*" />
          <policy domain="filter" rights="none" pattern="*" />
          <policy domain="coder" rights="none" pattern="*" />
          <policy domain="coder" rights="read" pattern="{TIFF,HEIC,AVIF}" />
          <policy domain="path" rights="none" pattern="@*" />
          <policy domain="path" rights="none" pattern="|*" />
          <policy domain="path" rights="none" pattern="-" />
        </policymap>
        """;

    // Pixels are one byte a channel, and there is another copy while a picture is turned.
    private const int MostChannels = 5;
    private const uint LongestEdge = 1 << 20;
    private const ulong Reserve = 64 << 20;

    private static readonly Lock Gate = new();
    private static long _memory;

    /// <summary>Sets the policy, once in a process, and the limits, where they are others than before.</summary>
    /// <param name="memory">The bytes for all pixels at a time.</param>
    public static void Apply(long memory)
    {
        lock (Gate)
        {
            if (_memory == memory)
                return;
            if (_memory == 0)
                SetPolicy();
            _memory = memory;
            // Behind the budget, which counts exactly: ImageMagick counts what it allocates.
            ResourceLimits.Memory = (ulong)memory * 2 + Reserve;
            ResourceLimits.Area = (ulong)memory / MostChannels + Reserve;
            ResourceLimits.Width = ResourceLimits.Height = LongestEdge;
            ResourceLimits.Disk = 0;
            ResourceLimits.Thread = 1;
        }
    }

    private static void SetPolicy()
    {
        var files = ConfigurationFiles.Default;
        files.Policy.Data = Policy;
        files.Delegates.Data = "<delegatemap></delegatemap>";
        // ImageMagick reads its settings from files, some only when it needs them.
        var folder = Directory.CreateTempSubdirectory("altclip-magick-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete(folder);
        MagickNET.Initialize(files, folder.FullName);
    }

    private static void Delete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A process ends; who cleans temporary folders finds it.
        }
    }
}
