using System.Globalization;
using System.Text.RegularExpressions;
using SkiaSharp;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed partial class PreviewTests : PictureFolderTest
{
    [Theory]
    [InlineData("Kitty", null, "KITTY_WINDOW_ID=1")]
    [InlineData("Kitty", null, "TERM=xterm-kitty")]
    [InlineData("Kitty", null, "TERM_PROGRAM=ghostty")]
    [InlineData("Iterm2", null, "TERM_PROGRAM=iTerm.app")]
    [InlineData("Iterm2", null, "TERM_PROGRAM=WezTerm")]
    [InlineData("Iterm2", null, "LC_TERMINAL=iTerm2")]
    [InlineData("Sixel", "\e[?62;4;22c", "TERM=foot")]
    [InlineData("Sixel", "\e[?1;2;4c", "TMUX=x", "KITTY_WINDOW_ID=1")]
    [InlineData("Blocks", "\e[?1;2c", "TMUX=x", "TERM_PROGRAM=iTerm.app")]
    [InlineData("Blocks", "\e[?64;14;24c", "TERM=xterm")]
    [InlineData("Blocks", null, "TERM=xterm")]
    [InlineData("Blocks", "what?", "TERM=xterm")]
    public void TheTerminalSaysHowItShowsPictures(string expected, string? answer, params string[] variables)
    {
        var environment = variables.Select(variable => variable.Split('=')).ToDictionary(parts => parts[0], parts => parts[1]);
        Assert.Equal(expected, TerminalPictures.Find(environment.GetValueOrDefault, _ => answer).ToString());
    }

    [Fact]
    public void KittyAndIterm2GetThePictureAsPng()
    {
        var file = Picture(300, 150, (x, _) => x < 150 ? SKColors.Red : SKColors.Blue);
        var kitty = new PicturePreview(PictureProtocol.Kitty, 10, 80, false).Draw(file);
        var parts = KittyPart().Matches(kitty);
        Assert.Equal(kitty.TrimEnd('\n'), string.Concat(parts.Select(part => part.Value)));
        Assert.StartsWith("a=T,f=100,q=2,r=10,m=", parts[0].Groups["keys"].Value);
        Assert.All(parts.SkipLast(1), part => Assert.EndsWith("m=1", part.Groups["keys"].Value));
        Assert.EndsWith("m=0", parts[^1].Groups["keys"].Value);
        Assert.All(parts, part => Assert.InRange(part.Groups["data"].Length, 1, 4096));
        AssertHalves(Convert.FromBase64String(string.Concat(parts.Select(part => part.Groups["data"].Value))));

        var iterm = new PicturePreview(PictureProtocol.Iterm2, 10, 80, false).Draw(file);
        var data = iterm[(iterm.IndexOf(':') + 1)..^2];
        Assert.Equal($"\e]1337;File=inline=1;size={Convert.FromBase64String(data).Length};height=10;preserveAspectRatio=1:{data}\a\n", iterm);
        AssertHalves(Convert.FromBase64String(data));
        // One that is too wide for the lines asked for is less high.
        Assert.Contains(";height=5;", new PicturePreview(PictureProtocol.Iterm2, 10, 20, false).Draw(file));

        static void AssertHalves(byte[] png)
        {
            using var bitmap = SKBitmap.Decode(png);
            Assert.Equal(2, bitmap.Width / bitmap.Height);
            Assert.Equal((SKColors.Red, SKColors.Blue), (bitmap.GetPixel(0, 0), bitmap.GetPixel(bitmap.Width - 1, bitmap.Height - 1)));
        }
    }

    [Fact]
    public void BlocksAreTwoPixelsEach()
    {
        byte[] rgb = [255, 0, 0, 0, 0, 255, 10, 20, 30, 255, 255, 255, 0, 255, 0, 95, 95, 96];
        Assert.Equal(
            "\e[38;2;255;0;0m\e[48;2;10;20;30m▀\e[38;2;0;0;255m\e[48;2;255;255;255m▀\e[0m\n\e[38;2;0;255;0m\e[49m▀\e[38;2;95;95;96m\e[49m▀\e[0m\n",
            TerminalGraphics.Blocks(rgb, 2, 3, trueColour: true));
        Assert.StartsWith("\e[38;5;196m\e[48;5;16m▀\e[38;5;21m\e[48;5;231m▀", TerminalGraphics.Blocks(rgb, 2, 3, trueColour: false));
        var lines = new PicturePreview(PictureProtocol.Blocks, 10, 80, true).Draw(Picture(300, 150, (_, _) => SKColors.Green)).TrimEnd('\n').Split('\n');
        Assert.Equal(10, lines.Length);
        Assert.All(lines, line => Assert.Equal(40, line.Count(c => c == '▀')));
        Assert.Equal(20, new PicturePreview(PictureProtocol.Blocks, 10, 20, true).Draw(Picture(300, 150, (_, _) => SKColors.Green)).Split('\n')[0].Count(c => c == '▀'));
    }

    /// <summary>Read as a terminal reads them, sixels are the picture again.</summary>
    [Fact]
    public void SixelsAreThePicture()
    {
        var sixels = new PicturePreview(PictureProtocol.Sixel, 3, 80, false).Draw(Picture(240, 120, (x, y) => new SKColor((byte)x, (byte)(2 * y), 120)));
        var (pixels, width, height) = Read(sixels.TrimEnd('\n'));
        Assert.Equal((120, 60), (width, height));
        // Colours are those of a cube, and only their mean is the picture's.
        for (var y = 0; y < 60; y += 20)
        {
            for (var x = 0; x < 120; x += 20)
            {
                var mean = Enumerable.Range(0, 400).Select(i => pixels[x + i % 20, y + i / 20]).Aggregate((a, b) => (a.R + b.R, a.G + b.G, a.B + b.B));
                Assert.Equal(2.0 * (x + 10), mean.R / 400.0, 14.0);
                Assert.Equal(4.0 * (y + 10), mean.G / 400.0, 14.0);
                Assert.Equal(120, mean.B / 400.0, 14.0);
            }
        }
    }

    [Fact]
    public async Task SearchShowsWhatItFinds()
    {
        await LinesAsync("index", "pictures");
        var result = await Cli.RunAsync("search", "pizza", "-n", "2", "--preview-as", "blocks", "--preview-rows", "4");
        Assert.Equal(ExitCode.Done, result.Code);
        Assert.Equal(10, result.Output.TrimEnd().Split('\n').Length);
        Assert.Contains("pizza.png", result.Output);
        var none = await Cli.RunAsync("search", "pizza", "-n", "2", "--preview");
        Assert.Equal((ExitCode.Done, 2), (none.Code, none.Output.TrimEnd().Split('\n').Length));
        Assert.Contains("no terminal", none.Errors);
        File.Delete(At("pictures/pizza.png"));
        var gone = await Cli.RunAsync("search", "pizza", "-n", "1", "--preview-as", "sixel", "--no-indexing");
        Assert.Equal(ExitCode.Done, gone.Code);
        Assert.Contains("can't be shown", gone.Errors);
        foreach (var wrong in new[] { ["--preview-rows", "0"], new[] { "--preview-as", "ascii" }, ["--preview-as", "kitty", "--json"] })
            Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync(["search", "pizza", .. wrong])).Code);
    }

    private static string Picture(int width, int height, Func<int, int, SKColor> colour)
    {
        using var bitmap = new SKBitmap(width, height);
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) bitmap.SetPixel(x, y, colour(x, y));
        using var file = File.Create(At("drawn.png"));
        bitmap.Encode(file, SKEncodedImageFormat.Png, 100);
        return At("drawn.png");
    }

    private static ((int R, int G, int B)[,] Pixels, int Width, int Height) Read(string sixels)
    {
        var frame = Frame().Match(sixels);
        Assert.True(frame.Success);
        var (width, height) = (int.Parse(frame.Groups["width"].Value), int.Parse(frame.Groups["height"].Value));
        var (pixels, isSet, palette) = (new (int, int, int)[width, height], new bool[width, height], new Dictionary<int, (int, int, int)>());
        var (x, top, colour) = (0, 0, 0);
        foreach (Match part in Part().Matches(frame.Groups["data"].Value))
        {
            if (part.Groups["define"] is { Success: true } define)
            {
                var rgb = define.Value.Split(';').Select(value => int.Parse(value, CultureInfo.InvariantCulture)).ToArray();
                palette[int.Parse(part.Groups["index"].Value)] = ((int)Math.Round(rgb[0] * 2.55), (int)Math.Round(rgb[1] * 2.55), (int)Math.Round(rgb[2] * 2.55));
            }
            else if (part.Groups["index"].Success) colour = int.Parse(part.Groups["index"].Value);
            else if (part.Value == "$") x = 0;
            else if (part.Value == "-") (x, top) = (0, top + 6);
            else
            {
                var count = part.Groups["count"] is { Success: true } repeat ? int.Parse(repeat.Value) : 1;
                for (var i = 0; i < count; i++, x++)
                {
                    for (var bit = 0; bit < 6; bit++)
                    {
                        if (((part.Groups["sixel"].Value[0] - '?') >> bit & 1) == 0) continue;
                        Assert.False(isSet[x, top + bit]);
                        (pixels[x, top + bit], isSet[x, top + bit]) = (palette[colour], true);
                    }
                }
            }
        }
        Assert.All(isSet.Cast<bool>(), Assert.True);
        return (pixels, width, height);
    }

    [GeneratedRegex("\e_G(?<keys>[^;]*);(?<data>[A-Za-z0-9+/=]*)\e\\\\")]
    private static partial Regex KittyPart();

    [GeneratedRegex("^\eP0;1q\"1;1;(?<width>\\d+);(?<height>\\d+)(?<data>[^\e]*)\e\\\\$")]
    private static partial Regex Frame();

    [GeneratedRegex("#(?<index>\\d+)(;2;(?<define>\\d+;\\d+;\\d+))?|(!(?<count>\\d+))?(?<sixel>[?-~])|[$-]")]
    private static partial Regex Part();
}
