using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AltClip.Imaging;
using AltClip.Pipeline;
using AltClip.Training;
using AltClip.Training.Evaluation;
using AltClip.Training.Teacher;
using Microsoft.DotNet.Interactive.Formatting;
using Xunit;

namespace AltClip.Docs.Tests;

/// <summary>How .NET Interactive's own formatting shows what AltClip gives.</summary>
public sealed partial class HtmlViewTests : IDisposable
{
    private const string Html = "text/html";
    private const string Evil = "<script>alert(\"1\")</script> & 'x' {0}";

    private static readonly string Model = Repository.Path("models", "altclip-emoji");

    // White and the darkest grey of notebooks' themes, with the text colours of VS Code on them.
    private static readonly (int[] Page, int[] Text)[] Themes = [([255, 255, 255], [59, 59, 59]), ([31, 31, 31], [204, 204, 204])];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LabelsHaveBars()
    {
        using var pipeline = AltCLIPPipeline.FromPretrained(Model);
        var labels = pipeline.Classify(Penguin, ["pizza", Evil, "penguin"]);
        var html = Shown(labels);
        Assert.Equal("penguin", html.Descendants("span").First().Value);
        Assert.Contains(Evil, html.Descendants("span").Select(span => span.Value));
        var width = (100 * labels[0].Probability).ToString("0.#", CultureInfo.InvariantCulture);
        Assert.Contains($"transparent {width}%", (string)html.Descendants("div").ElementAt(1).Attribute("style")!);
        Assert.Equal(3, html.Descendants("div").Count(div => ((string)div.Attribute("style")!).Contains("linear-gradient")));
    }

    [Fact]
    public void PicturesAreShownAsTheModelGetsThem()
    {
        var html = Shown(Penguin);
        Assert.Equal("penguin.png", html.Descendants("figcaption").Single().Value);
        using var small = Decoded(html);
        Assert.Equal((64, 64), (small.Width, small.Height));

        using var large = Decoded(Shown(ImageSource.FromPixels(new byte[640 * 320], 640, 320, PixelFormat.Gray8)));
        Assert.Equal((320, 160), (large.Width, large.Height));

        // Blue, then red, and nothing else.
        using var pixels = Decoded(Shown(ImageSource.FromPixels([0, 0, 255, 255, 0, 0], 2, 1, PixelFormat.Rgb24)));
        Assert.Equal([SkiaSharp.SKColors.Blue, SkiaSharp.SKColors.Red], pixels.Pixels);
    }

    [Fact]
    public void APictureThatCannotBeReadSaysWhy()
    {
        var html = Shown(ImageSource.FromBytes(new byte[10], Evil));
        Assert.Contains(Evil, html.Descendants("em").Single().Value);
        Assert.Contains("missing.png", Shown(ImageSource.FromFile(_folder.File("missing.png"))).Descendants("em").Single().Value);
    }

    [Fact]
    public void SimilaritiesAreATableWithPictures()
    {
        var broken = ImageSource.FromBytes(new byte[1], "broken");
        var html = Shown(new SimilarityGrid(["a penguin", Evil], [Penguin, broken], new[,] { { 0.5f, 0.1f }, { -0.25f, 0.3f } }));
        Assert.Single(html.Descendants("img"));
        Assert.Equal(["0.50", "0.10", "-0.25", "0.30"], html.Descendants("td").Select(cell => cell.Value));
        Assert.Equal(["0.50", "0.30"], html.Descendants("td").Where(cell => ((string)cell.Attribute("style")!).Contains("bold")).Select(cell => cell.Value));
        Assert.Equal(["a penguin", Evil], html.Descendants("tbody").Descendants("th").Select(cell => cell.Value));
        var error = Assert.Throws<ArgumentException>(() => new SimilarityGrid(["a"], [Penguin], new float[2, 1]));
        Assert.Contains("[1, 1]", error.Message);
    }

    [Fact]
    public void ALogIsACurve()
    {
        var path = _folder.File("run.csv");
        using (var log = new TrainingLog(path))
        {
            foreach (var (step, loss) in new[] { 4, 3, double.NaN, 1.5 }.Index())
                log.Report(new TrainingProgress(step + 1, 4, loss, 1, 0.1, TimeSpan.FromSeconds(step), TimeSpan.Zero, step == 3 ? 2 : null));
        }
        var html = Shown(TrainingLog.Read(path));
        Assert.Equal("step 4: loss 1.5", html.Descendants("figcaption").Single().Value);
        Assert.Single(html.Descendants("circle"));
        // The loss that is no number leaves a gap.
        var steps = (string)html.Descendants("path").Single(line => (string?)line.Attribute("stroke-opacity") == ".4").Attribute("d")!;
        Assert.Equal("MLM", string.Concat(steps.Where(char.IsLetter)));

        File.WriteAllText(path, "");
        Assert.Contains("No steps", Shown(TrainingLog.Read(path)).Value);
    }

    [Fact]
    public void ALongLogStaysSmall()
    {
        var path = _folder.File("run.jsonl");
        File.WriteAllLines(path, Enumerable.Range(1, 50_000).Select(step =>
            $$"""{"step":{{step}},"loss":1,"gradient_norm":1,"learning_rate":1,"seconds":1,"evaluation":null}"""));
        Assert.InRange(TrainingLog.Read(path).ToDisplayString(Html).Length, 1000, 50_000);
    }

    [Fact]
    public void ProgressIsABar()
    {
        var html = Shown(new TrainingProgress(3, 10, 0.5, 1, 0.1, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(7), 0.25));
        var bar = html.Descendants("progress").Single();
        Assert.Equal(("3", "10"), ((string)bar.Attribute("value")!, (string)bar.Attribute("max")!));
        Assert.Contains("step 3 of 10: loss 0.5, evaluation 0.25, 00:00:07 left", html.Value);
    }

    [Fact]
    public void AReportHasABarForEachClass()
    {
        using var embeddings = TorchSharp.torch.eye(2);
        var html = Shown(ZeroShotEvaluation.Score(embeddings, embeddings, [0, 0], ["right", Evil]));
        Assert.StartsWith("2 pictures: first class right 50.0 %", html.Value);
        Assert.Equal(["right (2)", "50.0 %"], html.Descendants("span").Select(span => span.Value));
    }

    [Fact]
    public void ConfigurationsAreTrees()
    {
        var config = AltCLIPConfig.FromPretrained(Model);
        var html = Shown(config with { ModelType = Evil });
        Assert.Equal(["AltCLIPConfig", "text_config", "vision_config"], html.Descendants("summary").Select(summary => summary.Value));
        Assert.Contains("projection_dim: 192", html.Descendants("div").Select(div => div.Value));
        Assert.DoesNotContain("<script>", html.ToString());
        Assert.Contains("vocab_size", Shown(config.TextConfig).Value);
        Assert.Contains("patch_size", Shown(config.VisionConfig).Value);
        Assert.Contains("vocab_size", Shown(new CLIPTextConfig()).Value);
    }

    [Fact]
    public void ModulesAreTrees() => LiveTensors.AssertUnchanged(() =>
    {
        using var model = AltCLIPModel.FromPretrained(Model);
        var html = Shown(model);
        var parts = html.Elements("details").Single().Elements("details").Select(part => part.Element("summary")!.Value.Split(' ')[0]);
        Assert.Equal(model.named_children().Select(child => child.name), parts);
        Assert.Contains("text_model AltCLIPTextModel", html.Value);
        Assert.Contains("weight Float32 [12002, 192]", html.Descendants("div").Select(div => div.Value));
        var all = model.parameters().Sum(parameter => parameter.numel()).ToString("N0", CultureInfo.InvariantCulture);
        Assert.Contains($"{all} parameters", html.Descendants("summary").First().Value);
    });

    private static ImageSource Penguin => ImageSource.FromFile(TestData.Path("emoji", "penguin.png"));

    /// <summary>What a notebook gets for a value: well-formed, in colours that can be read on light and dark pages.</summary>
    private static XElement Shown(object value)
    {
        Assert.Equal(Html, Assert.Single(Formatter.GetPreferredMimeTypesFor(value.GetType())));
        var html = value.ToDisplayString(Html);
        Assert.DoesNotContain("dni-plaintext", html); // what .NET Interactive makes of types that it doesn't know
        Assert.All(Fill().Matches(html), fill => Assert.All(Themes, theme =>
        {
            int[] color = [.. fill.Groups["channel"].Captures.Select(channel => int.Parse(channel.ValueSpan, CultureInfo.InvariantCulture))];
            var opacity = double.Parse(fill.Groups["opacity"].ValueSpan, CultureInfo.InvariantCulture);
            double[] behind = [.. color.Zip(theme.Page, (own, page) => opacity * own + (1 - opacity) * page)];
            Assert.InRange(Contrast(behind, [.. theme.Text.Select(channel => (double)channel)]), 4.5, 21);
        }));
        // Text has the page's colour.
        Assert.DoesNotMatch(@"(?<!-)color:|fill=""(?!none|currentColor|#e5484d)", html);
        return XElement.Parse($"<body>{Void().Replace(html, "$0</$1>")}</body>");
    }

    /// <summary>The contrast of WCAG 2, 1 to 21.</summary>
    private static double Contrast(double[] one, double[] other)
    {
        double[] both = [.. new[] { Luminance(one), Luminance(other) }.Order()];
        return (both[1] + 0.05) / (both[0] + 0.05);

        static double Luminance(double[] color) => color.Zip([0.2126, 0.7152, 0.0722], (channel, weight) =>
            weight * (channel / 255 is var c && c <= 0.04045 ? c / 12.92 : Math.Pow((channel / 255 + 0.055) / 1.055, 2.4))).Sum();
    }

    private static SkiaSharp.SKBitmap Decoded(XElement html) => SkiaSharp.SKBitmap.Decode(Convert.FromBase64String(
        ((string)html.Descendants("img").Single().Attribute("src")!)["data:image/png;base64,".Length..]));

    [GeneratedRegex(@"rgba\((?:(?<channel>\d+),){3}(?<opacity>[\d.]+)\)")]
    private static partial Regex Fill();

    [GeneratedRegex("<(img)[^>]*>")]
    private static partial Regex Void();
}
