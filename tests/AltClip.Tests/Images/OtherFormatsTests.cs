using System.Text.Json.Nodes;
using AltClip.Imaging;
using Xunit;

namespace AltClip.Tests;

/// <summary>What is said of files of formats that aren't read.</summary>
public class OtherFormatsTests : ImageTests
{
    private static readonly string[] Own = ["JPEG", "PNG", "GIF", "WebP", "BMP"];
    private static readonly string[] Magick = ["TIFF", "HEIC", "AVIF"];

    private static readonly JsonArray Cases = JsonNode.Parse(File.ReadAllText(TestData.Path("pictures", "cases.json")))!["pictures"]!.AsArray();

    public static TheoryData<string, string> Others =>
        [.. Cases.Where(picture => !Own.Contains((string)picture!["format"]!)).Select(picture => ((string)picture!["file"]!, (string)picture["format"]!))];

    /// <summary>Without a decoder from outside, each is called by its format's name; those that a package reads, with its name.</summary>
    [Theory]
    [MemberData(nameof(Others))]
    public void EachIsCalledByItsName(string file, string format)
    {
        var path = TestData.Path("pictures", file);

        var error = Assert.Throws<ImageException>(() => RgbImage.Decode(ImageSource.FromFile(path)));

        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(format, error.Message[path.Length..], StringComparison.Ordinal);
        if (Magick.Contains(format) && !file.EndsWith(".cr2", StringComparison.Ordinal))
            Assert.Contains("add the package AltClip.Imaging.Magick", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("II*\0\u0010\0\0\0CR\u0002\0", "a camera's raw file")]
    [InlineData("FUJIFILMCCD-RAW 0201", "a camera's raw file")]
    [InlineData("\0\0\0\u0018ftypcrx \0\0\0\u0001crx isom", "a camera's raw file")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0mif1heic", "HEIC, as iPhones write it")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0mif1avif", "AVIF, as browsers take it")]
    [InlineData("\0\0\0\u0018ftypmp42\0\0\0\0mp42isom", "MP4, a film")]
    [InlineData("8BPS\0\u0001", "PSD, of Photoshop")]
    [InlineData("PK\u0003\u0004", "an archive")]
    [InlineData("\n <!DOCTYPE html><p>Not found", "HTML, a web page")]
    [InlineData("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG, a drawing")]
    [InlineData("<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "not a JPEG, PNG, GIF, WebP or BMP picture")]
    public void FirstBytesTell(string start, string expected)
    {
        var file = start.Select(character => (byte)character).ToArray();

        var error = Assert.Throws<ImageException>(() => RgbImage.Decode(ImageSource.FromBytes(file, "bad.bin")));

        Assert.StartsWith($"bad.bin is {expected}", error.Message, StringComparison.Ordinal);
    }
}
