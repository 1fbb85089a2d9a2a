using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AltClip.Imaging;
using AltClip.Imaging.Magick;

namespace AltClip.Conformance;

/// <summary>
/// The group <c>pictures</c>: files beyond the everyday ones, each with what must happen: Pillow's pixels, nearly those, an error that names
/// the format and says what to do, or an error that says what the file is.
/// </summary>
internal static class PicturesGroup
{
    private static readonly string[] KnownKeys = ["pillow", "pictures"];
    private static readonly string[] KnownPictureKeys =
        ["file", "format", "must", "note", "size", "rgb_sha256", "mean_absolute_difference", "expected", "pillow"];

    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("pictures");
        var own = ImageFormats.Names.Replace(" or ", ", ").Split(", ");
        using var formats = MagickDecoders.Register();
        var cases = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        report.Case("cases.json", () => OnlyKnown(cases, KnownKeys));
        foreach (var picture in cases["pictures"]!.AsArray().Select(picture => picture!.AsObject()))
        {
            var file = (string)picture["file"]!;
            report.Case(file, () =>
            {
                OnlyKnown(picture, KnownPictureKeys);
                return Check(folder, ImageSource.FromFile(Path.Combine(folder, file)), picture, own);
            });
        }
        return report;
    }

    private static double Check(string folder, ImageSource source, JsonObject picture, string[] own)
    {
        var format = (string)picture["format"]!;
        switch ((string)picture["must"]!)
        {
            case "equal" when TryDecode(source, out var image, out var error):
                return SameBytes(image, picture);
            case "close" when TryDecode(source, out var image, out _):
                return Close(image, folder, picture);
            case "equal" or "close" when !own.Contains(format):
                TryDecode(source, out _, out var refusal);
                return Names(refusal!, source, format, "convert");
            case "equal-or-refuse":
                return TryDecode(source, out var either, out var fault) ? SameBytes(either, picture) : Names(fault!, source);
            case "truncated":
                if (TryDecode(source, out _, out var cut))
                    throw new MismatchException("a truncated picture was read as if it were whole");
                Names(cut!, source, "truncated");
                return SameBytes(RgbImage.Decode(source, new() { AllowTruncated = true }), picture);
            case "name":
                if (TryDecode(source, out _, out var what))
                    throw new MismatchException("it was read");
                return Names(what!, source, format);
            case "equal" or "close":
                TryDecode(source, out _, out var unread);
                throw new MismatchException($"it was not read: {unread!.Message}");
            case var other:
                throw new MismatchException($"this program doesn't know what {other} means");
        }
    }

    private static bool TryDecode(ImageSource source, out RgbImage image, out ImageException? error)
    {
        (image, error) = (null!, null);
        try
        {
            image = RgbImage.Decode(source);
        }
        catch (ImageException e)
        {
            error = e;
        }
        return error is null;
    }

    private static double Names(ImageException error, ImageSource source, params string[] words)
    {
        foreach (var word in words.Append(source.Name))
        {
            if (!error.Message.Contains(word, StringComparison.Ordinal))
                throw new MismatchException($"the error doesn't say {word}: {error.Message}");
        }
        return 0;
    }

    private static double SameBytes(RgbImage image, JsonObject picture)
    {
        CheckSize(image, picture);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Rgb(image)));
        return hash == (string)picture["rgb_sha256"]! ? 0 : throw new MismatchException("other bytes");
    }

    private static double Close(RgbImage image, string folder, JsonObject picture)
    {
        CheckSize(image, picture);
        var expected = Rgb(RgbImage.Decode(ImageSource.FromFile(Path.Combine(folder, (string)picture["expected"]!))));
        var difference = Rgb(image).Zip(expected, (a, b) => Math.Abs(a - b)).Average();
        var allowed = (double)picture["mean_absolute_difference"]!;
        return difference <= allowed ? difference : throw new MismatchException($"the mean difference is {difference}, more than {allowed}");
    }

    private static void CheckSize(RgbImage image, JsonObject picture)
    {
        var (width, height) = ((int)picture["size"]![0]!, (int)picture["size"]![1]!);
        if ((image.Width, image.Height) != (width, height))
            throw new MismatchException($"{image.Width} x {image.Height} pixels instead of {width} x {height}");
    }

    private static byte[] Rgb(RgbImage image)
    {
        var rgb = new byte[3 * image.Width * image.Height];
        for (var i = 0; i < rgb.Length; i++) rgb[i] = image.Pixels[RgbImage.PixelBytes * (i / 3) + i % 3];
        return rgb;
    }

    private static double OnlyKnown(JsonObject data, string[] known)
    {
        var unknown = data.Select(property => property.Key).Except(known).ToList();
        return unknown.Count == 0 ? 0 : throw new MismatchException($"unknown keys {string.Join(", ", unknown)}");
    }
}
