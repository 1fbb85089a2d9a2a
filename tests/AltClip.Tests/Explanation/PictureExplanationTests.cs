using AltClip.Imaging;
using AltClip.Pipeline.Explanation;
using Xunit;

namespace AltClip.Tests;

/// <summary>What the shipped model's explanations show, and how they are drawn.</summary>
public sealed class PictureExplanationTests : IDisposable
{
    private const int Edge = 64;
    private static readonly string Folder = Path.GetFullPath(TestData.Path("..", "..", "models", "altclip-emoji"));
    private static readonly string[] Names = ["cactus", "dog-face", "guitar", "penguin", "pizza", "red-apple", "rocket", "volcano"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Of two emoji side by side, the heat for a name lies more on its own half than the heat for the other name does.</summary>
    [Fact]
    public void HeatLiesOnTheEmojiThatATextNames()
    {
        using var model = AltCLIPModel.FromPretrained(Folder);
        using var processor = AltCLIPProcessor.FromPretrained(Folder);
        var right = 0;
        foreach (var left in Names)
        {
            foreach (var other in Names.Where(name => name != left))
            {
                var found = PatchRelevance.Explain(model, processor, SideBySide(left, other), [Text(left), Text(other)]);
                if (LeftPart(found[0].Relevance) > LeftPart(found[1].Relevance)) right++;
            }
        }
        Assert.InRange(right, 48, Names.Length * (Names.Length - 1)); // chance is 28
    }

    /// <summary>Without its hottest patches a picture loses more of its likeness to its name than without as many of its coldest.</summary>
    [Fact]
    public void TheHottestPatchesAreTheOnesThatCount()
    {
        using var model = AltCLIPModel.FromPretrained(Folder);
        using var processor = AltCLIPProcessor.FromPretrained(Folder);
        var right = 0;
        foreach (var name in Names)
        {
            var picture = RgbImage.Decode(Emoji(name));
            var whole = PatchRelevance.Explain(model, processor, picture.ToSource(), [Text(name)])[0];
            int[] order = [.. Enumerable.Range(0, 64).OrderBy(patch => whole.Relevance[patch / 8, patch % 8])];
            float Without(IEnumerable<int> patches) =>
                PatchRelevance.Explain(model, processor, Greyed(picture, patches).ToSource(), [Text(name)])[0].Similarity;
            if (Without(order.TakeLast(16)) < Without(order.Take(16))) right++;
        }
        Assert.InRange(right, 7, Names.Length);
    }

    [Fact]
    public void ThePngGlowsWhereItCountsAndIsDarkWhereNothingIsSeen()
    {
        var picture = new RgbImage(128, Edge);
        picture.Pixels.Fill(100);
        var config = new CLIPImageProcessorConfig { Size = ImageSize.Shortest(32), CropSize = ImageSize.Exactly(32, 32) };
        new PictureExplanation(picture.ToSource(), config, "a", 0.5f, new float[,] { { 0, 0 }, { 0, 3 } }).SavePng(_folder.File("heat.png"));

        Assert.Equal(["heat.png"], _folder.Files);
        var drawn = RgbImage.Decode(ImageSource.FromFile(_folder.File("heat.png")));
        Assert.Equal((128 * 6, Edge * 6), (drawn.Width, drawn.Height));
        (byte R, byte G, byte B) At(int x, int y) => (drawn.Pixels[(y * drawn.Width + x) * 4], drawn.Pixels[(y * drawn.Width + x) * 4 + 1], drawn.Pixels[(y * drawn.Width + x) * 4 + 2]);
        Assert.InRange(At(20, 200).R, 30, 50);
        Assert.InRange(At(740, 200).B, 30, 50);
        Assert.Equal((100, 100, 100), At(210, 20));
        var hot = At(550, 360);
        Assert.True(hot.R > 200 && hot.B < 50, hot.ToString());
        Assert.Throws<DirectoryNotFoundException>(() => new PictureExplanation(picture.ToSource(), config, "a", 0, new float[1, 1]).SavePng(_folder.File("no/heat.png")));
    }

    [Fact]
    public void ThePngIsOfThePictureThatWasExplained()
    {
        using var model = AltCLIPModel.FromPretrained(Folder);
        using var processor = AltCLIPProcessor.FromPretrained(Folder);
        var file = _folder.File("picture.png");
        File.Copy(TestData.Path("emoji", "penguin.png"), file);
        PictureExplanation Explained() => PatchRelevance.Explain(model, processor, ImageSource.FromFile(file), ["penguin"])[0];
        var first = Explained();
        first.SavePng(_folder.File("before.png"));
        File.Copy(TestData.Path("emoji", "pizza.png"), file, overwrite: true);
        first.SavePng(_folder.File("after.png"));

        Assert.Equal(File.ReadAllBytes(_folder.File("before.png")), File.ReadAllBytes(_folder.File("after.png")));
        Assert.NotEqual(first.Similarity, Explained().Similarity);
    }

    private static ImageSource Emoji(string name) => ImageSource.FromFile(TestData.Path("emoji", name + ".png"));

    private static string Text(string name) => name.Replace('-', ' ');

    /// <summary>Two emoji at half their size, on white.</summary>
    private static ImageSource SideBySide(string left, string right)
    {
        var picture = new RgbImage(Edge, Edge);
        picture.Pixels.Fill(255);
        foreach (var (name, start) in new[] { (left, 0), (right, Edge / 2) })
        {
            var emoji = RgbImage.Decode(Emoji(name));
            for (var y = 0; y < Edge / 2; y++)
            {
                for (var x = 0; x < Edge / 2; x++)
                {
                    for (var channel = 0; channel < 3; channel++)
                    {
                        int At(int dx, int dy) => emoji.Pixels[((2 * y + dy) * Edge + 2 * x + dx) * 4 + channel];
                        picture.Pixels[((y + Edge / 4) * Edge + start + x) * 4 + channel] = (byte)((At(0, 0) + At(1, 0) + At(0, 1) + At(1, 1)) / 4);
                    }
                }
            }
        }
        return picture.ToSource($"{left} and {right}");
    }

    private static RgbImage Greyed(RgbImage picture, IEnumerable<int> patches)
    {
        var copy = picture.Clone();
        foreach (var patch in patches)
        {
            for (var y = patch / 8 * 8; y < patch / 8 * 8 + 8; y++)
                copy.Pixels.Slice((y * Edge + patch % 8 * 8) * 4, 32).Fill(128);
        }
        return copy;
    }

    private static float LeftPart(float[,] heat)
    {
        var (left, all) = (0f, heat.Cast<float>().Sum());
        for (var y = 0; y < heat.GetLength(0); y++)
            for (var x = 0; x < heat.GetLength(1) / 2; x++) left += heat[y, x];
        return left / all;
    }
}
