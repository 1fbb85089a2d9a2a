using System.Globalization;
using System.Text.RegularExpressions;
using AltClip.Tests;
using ImageSearch;
using Xunit;

namespace AltClip.Search.Tests;

/// <summary>Bounds and defaults of samples/ImageSearch that its pages give are the program's.</summary>
public sealed partial class PageNumbersTests
{
    private static readonly ImageSearchOptions Options = new();

    [Fact]
    public void UploadsAreBoundedAsTold()
    {
        var seconds = Options.MaxUploadTime.TotalSeconds;
        new Statement("uploads are held to {} MB and {} million pixels", Options.MaxUploadBytes >> 20, Options.MaxPixels / 1_000_000).AssertHolds();
        new Statement("| {} received or waiting, {} decoded, {} s and {} MB each; one more gets {} and", Options.MaxUploads, Options.MaxDecodes, seconds, Options.MaxUploadBytes >> 20, 503)
            .AssertHolds();
        new Statement($"how long one may take to arrive | {{}}, {{}}, {Options.MaxUploadTime:c} |", Options.MaxUploads, Options.MaxDecodes).AssertHolds();
    }

    [Fact]
    public void ThumbnailsAreBoundedAsTold() => new Statement("the most memory for small copies of pictures | {} MB |", Options.ThumbnailBytes >> 20).AssertHolds();

    [Theory]
    [InlineData("--urls", ImageSearchApp.DefaultUrl)]
    [InlineData("--hosts", ImageSearchApp.DefaultHosts)]
    public void AddressesAreThose(string option, string value)
    {
        var row = File.ReadAllLines(Repository.Path("samples", "ImageSearch", "README.md")).Single(row => row.StartsWith($"| `{option}`", StringComparison.Ordinal));
        Assert.EndsWith($"| `{value}` |", row);
    }

    [Fact]
    public void TheBrowserKeepsAsManyPicturesAsTold() => new Statement("in the browser, the newest {},", int.Parse(
        Kept().Match(File.ReadAllText(Repository.Path("samples", "ImageSearch", "wwwroot", "uploads.js"))).Groups["most"].Value, CultureInfo.InvariantCulture)).AssertHolds();

    [GeneratedRegex(@"^const KEPT = (?<most>\d+);$", RegexOptions.Multiline)]
    private static partial Regex Kept();
}
