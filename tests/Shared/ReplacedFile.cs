using Xunit;

namespace AltClip.Tests;

/// <summary>A file that is replaced, as a save does it, while it is read.</summary>
internal static class ReplacedFile
{
    private static readonly DateTime FirstWritten = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Reads again and again while the file is replaced by one content after the other.</summary>
    /// <param name="path">The file, which is there.</param>
    /// <param name="contents">What it is in turn.</param>
    /// <param name="times">How often it is read.</param>
    /// <param name="read">Reads it, and gives what is to be looked at.</param>
    public static async Task<List<T>> WhileReplacedAsync<T>(string path, IReadOnlyList<byte[]> contents, int times, Func<Task<IEnumerable<T>>> read)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace an open file.");
        using var done = new CancellationTokenSource();
        var replacing = Task.Run(() =>
        {
            var next = path + ".next";
            for (var i = 1; !done.IsCancellationRequested; i++)
            {
                File.WriteAllBytes(next, contents[i % contents.Count]);
                // Each is another file, even to a system whose clock stands still for milliseconds.
                File.SetLastWriteTimeUtc(next, FirstWritten.AddSeconds(i));
                File.Move(next, path, overwrite: true);
            }
        });
        try
        {
            List<T> all = [];
            for (var i = 0; i < times; i++) all.AddRange(await read());
            return all;
        }
        finally
        {
            await done.CancelAsync();
            await replacing;
        }
    }

    /// <summary>Puts a file of the same length in the place of one, written at another time.</summary>
    public static void By(string path, byte[] content)
    {
        Assert.Equal(new FileInfo(path).Length, content.Length);
        File.WriteAllBytes(path + ".next", content);
        File.SetLastWriteTimeUtc(path + ".next", FirstWritten);
        File.Move(path + ".next", path, overwrite: true);
    }
}
