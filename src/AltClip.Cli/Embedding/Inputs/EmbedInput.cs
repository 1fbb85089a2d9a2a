using AltClip.Imaging;
using AltClip.Shared;

namespace AltClip.Cli;

/// <summary>One picture or text with its place among all.</summary>
/// <param name="Id">What its owner calls it: a path, a name, a line's number.</param>
/// <param name="Source">The place of its file or folder among the job's inputs, from 0.</param>
/// <param name="Index">Its place in that file or folder, from 0. With <paramref name="Source"/>, it is what tells inputs apart.</param>
internal sealed record EmbedInput(string Id, int Source, int Index)
{
    /// <summary>The bytes of a picture's file.</summary>
    public ReadOnlyMemory<byte> Picture { get; init; }

    /// <summary>The text, where texts are embedded.</summary>
    public string? Text { get; init; }

    /// <summary>Why there is neither.</summary>
    public string? Error { get; init; }

    /// <summary>A picture that a list or table names: a file, or an address on the web. That it can't be read is said in <see cref="Error"/>.</summary>
    /// <param name="options">How paths are read.</param>
    /// <param name="listFile">The list or table.</param>
    /// <param name="place">The path or address.</param>
    public EmbedInput WithPlace(InputOptions options, string listFile, string place) =>
        ImageDownload.IsUrl(place) ? WithUrl(new Uri(place)) : WithFile(options.Resolve(listFile, place));

    /// <summary>A picture in a file; that it can't be read is said in <see cref="Error"/>.</summary>
    public EmbedInput WithFile(string path)
    {
        try
        {
            RegularFile.RefuseOthers(path);
            return this with { Picture = File.ReadAllBytes(path) };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return this with { Error = ErrorText.Of(error) };
        }
    }

    // The thread that waits here is the job's own and has nothing else to do.
    private EmbedInput WithUrl(Uri url)
    {
        try
        {
            return this with { Picture = ImageDownload.GetBytesAsync(url, null, CancellationToken.None).GetAwaiter().GetResult() };
        }
        catch (IOException error)
        {
            return this with { Error = ErrorText.Of(error) };
        }
    }
}
