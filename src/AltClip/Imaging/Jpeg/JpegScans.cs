using System.Buffers.Binary;
using AltClip.Imaging.Formats;

namespace AltClip.Imaging.Jpeg;

/// <summary>
/// How often a file goes over its picture. A progressive one does so about ten times; nothing in the format ends that, and a scan of a few
/// bytes takes as long as a whole one.
/// </summary>
internal static class JpegScans
{
    // Over a picture with the most pixels allowed; over a smaller one more often, to the same sum.
    private const int MostPasses = 4;

    // What encoders write is at most this, and it is cheap on pictures of a phone's size, whatever MaxPixels is.
    private const int Usual = 16;
    private const long Cheap = 16_000_000;

    /// <summary>Refuses a picture whose scans take too long, before one is decoded.</summary>
    /// <param name="image">The file.</param>
    /// <param name="width">The picture's width in pixels.</param>
    /// <param name="height">The picture's height in pixels.</param>
    /// <exception cref="ImageException">Scans times pixels are more than is allowed.</exception>
    public static void Check(ImageFile image, int width, int height)
    {
        var pixels = (long)width * height;
        var most = Math.Max(MostPasses * image.Options.MaxPixels, Usual * Math.Min(pixels, Cheap));
        if (Count(image.Bytes, most / pixels) * pixels > most)
        {
            throw new ImageException(
                $"{image.Name} goes over its {width} x {height} pixels more than {most / pixels} times, the limit for this size; it was not decoded.");
        }
    }

    // No further than is needed. Most files have one scan, which says so: it has all components, and the picture isn't progressive.
    private static long Count(ReadOnlySpan<byte> file, long enough)
    {
        const byte Baseline = 0xc0, Progressive = 0xc2, StartOfScan = 0xda, EndOfImage = 0xd9;
        var (scans, components, progressive) = (0L, 0, false);
        for (var position = 2; scans <= enough && position + 5 <= file.Length && file[position] == 0xff && file[position + 1] != EndOfImage;)
        {
            var marker = file[position + 1];
            if (marker == 0xff)
            {
                position++;
                continue;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(file[(position + 2)..]);
            var payload = file[Math.Min(position + 4, file.Length)..];
            if (marker is >= Baseline and <= 0xcf and not (0xc4 or 0xc8 or 0xcc) && payload.Length > 5)
                (components, progressive) = (payload[5], marker is Progressive or 0xc6 or 0xca or 0xce);
            position += 2 + length;
            if (marker != StartOfScan)
                continue;
            scans++;
            if (!progressive && payload[0] == components)
                break;
            position = NextMarker(file, position);
        }
        return scans;
    }

    /// <summary>The next marker that is none of the pixels', or the file's end.</summary>
    public static int NextMarker(ReadOnlySpan<byte> file, int position)
    {
        while (position < file.Length)
        {
            var at = file[position..].IndexOf((byte)0xff);
            if (at < 0 || position + at + 1 >= file.Length)
                break;
            position += at;
            // An escaped 0xff of the pixels, or a restart among them.
            if (file[position + 1] is not (0x00 or >= 0xd0 and <= 0xd7))
                return position;
            position += 2;
        }
        return file.Length;
    }
}
