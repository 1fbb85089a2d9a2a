using AltClip.Imaging.Bmp;
using AltClip.Imaging.Formats;
using AltClip.Imaging.Gif;
using AltClip.Imaging.Jpeg;
using AltClip.Imaging.Png;
using AltClip.Imaging.WebP;

namespace AltClip.Imaging;

/// <summary>
/// The file formats of pictures that are read: those of the library, and those that were registered. Safe to use from several threads.
/// </summary>
public static class ImageFormats
{
    private static readonly Lock Gate = new();

    private static volatile FormatList _list = new(
    [
        new JpegFormat(),
        new PngFormat(),
        new GifFormat(),
        new WebPFormat(),
        new BmpFormat(),
    ]);

    /// <summary>How the names of picture files end, in lower case and each with its dot: <c>.jpg</c>, <c>.jpeg</c>, <c>.png</c> …</summary>
    public static IReadOnlyList<string> Extensions => _list.Extensions;

    /// <summary>The names of the formats as a message lists them: <c>JPEG, PNG, GIF, WebP or BMP</c>.</summary>
    public static string Names => _list.Names;

    /// <summary>Whether a file is a picture by its name alone.</summary>
    /// <param name="fileName">The name, or a path; it is not opened.</param>
    public static bool IsPicture(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        return Extensions.Contains(Path.GetExtension(fileName), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Adds a format for the whole process, usually for as long as it runs. Of formats that recognise the same file, the one that was there
    /// first decodes it: none can replace those of the library.
    /// </summary>
    /// <param name="decoder">Reads the format.</param>
    /// <returns>Takes the format out again when it is disposed.</returns>
    /// <exception cref="ArgumentException">
    /// The decoder has no name, an extension without a dot, or the name of a format that is there already, in any case.
    /// </exception>
    public static IDisposable Register(IImageDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        var format = new RegisteredFormat(decoder);
        if (string.IsNullOrWhiteSpace(format.Name))
            throw new ArgumentException($"{decoder.GetType()} has no name.", nameof(decoder));
        if (format.Extensions.FirstOrDefault(extension => Path.GetExtension(extension) != extension || extension.Length < 2) is { } wrong)
            throw new ArgumentException($"{format.Name} has the extension '{wrong}'; expected one such as '.tif'.", nameof(decoder));
        lock (Gate)
        {
            if (_list.Formats.Any(known => known.Name.Equals(format.Name, StringComparison.OrdinalIgnoreCase)))
                throw new ArgumentException($"There is a format {format.Name} already; found {Names}.", nameof(decoder));
            _list = new([.. _list.Formats, format]);
        }
        return new Registration(format);
    }

    /// <summary>Puts others in the places of formats.</summary>
    /// <param name="substitute">Gives a format's substitute, or null to leave it.</param>
    /// <returns>Puts back those that were there when it is disposed.</returns>
    internal static IDisposable Substitute(Func<IImageFormat, IImageFormat?> substitute)
    {
        lock (Gate)
        {
            var originals = new Dictionary<IImageFormat, IImageFormat>();
            _list = new([.. _list.Formats.Select(format =>
            {
                if (substitute(format) is not { } other)
                    return format;
                originals.Add(other, format);
                return other;
            })]);
            return new Substitution(originals);
        }
    }

    /// <summary>The format of a file, or null if it is of none.</summary>
    internal static IImageFormat? Find(ReadOnlySpan<byte> file)
    {
        foreach (var format in _list.Formats)
        {
            if (format.Recognizes(file))
                return format;
        }
        return null;
    }

    private sealed class Substitution(Dictionary<IImageFormat, IImageFormat> originals) : IDisposable
    {
        public void Dispose()
        {
            lock (Gate)
                _list = new([.. _list.Formats.Select(format => originals.GetValueOrDefault(format, format))]);
        }
    }

    private sealed class Registration(IImageFormat format) : IDisposable
    {
        public void Dispose()
        {
            lock (Gate)
                _list = new([.. _list.Formats.Where(other => other != format)]);
        }
    }
}
