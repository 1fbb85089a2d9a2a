using System.Text.RegularExpressions;
using AltClip.Search.Tests;
using AltClip.Tests;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace AltClip.Onnx.Tests.Web;

/// <summary>The page of docs/export.md in a browser.</summary>
[Collection(nameof(ProcessWide))]
public sealed partial class BrowserTests(Chromium chromium) : IClassFixture<Chromium>, IDisposable
{
    private const string Site = "http://127.0.0.1/";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task ThePageOfTheDocumentationLabelsPictures()
    {
        NodePackages.AssertInstalled();
        var exported = _folder.File("emoji-onnx");
        using (var model = AltCLIPModel.FromPretrained(ModelAgreement.DefaultModel)) OnnxExporter.Export(model, exported, OnnxPrecision.Int8, TestContext.Current.CancellationToken);
        using (var processor = AltCLIPProcessor.FromPretrained(ModelAgreement.DefaultModel)) processor.SavePretrained(exported);
        var documentation = await File.ReadAllTextAsync(TestData.Path("..", "..", "docs", "export.md"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder.File("index.html"), Page().Match(documentation).Groups["page"].Value, TestContext.Current.CancellationToken);

        var page = await chromium.Browser.NewPageAsync();
        List<string> problems = [];
        page.PageError += (_, error) => problems.Add(error);
        page.Console += (_, message) => { if (message.Type == "error") problems.Add(message.Text); };
        await page.RouteAsync("**/*", route => FulfillAsync(route, problems));
        await page.GotoAsync($"{Site}index.html");
        foreach (var (picture, label) in new[] { ("penguin", "pingouin"), ("rocket", "火箭"), ("pizza", "pizza") })
        {
            // The script takes its time to load the encoders, and listens then.
            await page.WaitForFunctionAsync("document.querySelector('input').onchange !== null");
            await page.SetInputFilesAsync("input", TestData.Path("emoji", $"{picture}.png"));
            await Expect(page.Locator("output")).ToHaveTextAsync(new Regex($"^{label}: (9[0-9]|100)\\.\\d %$"));
        }
        Assert.Empty(problems);
        await page.CloseAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Files of the site, and in place of the network those of the installed packages, if they have the version that is asked for.</summary>
    private async Task FulfillAsync(IRoute route, List<string> problems)
    {
        var path = PathOf(route.Request.Url);
        if (File.Exists(path))
        {
            // Modules come from another origin.
            await route.FulfillAsync(new() { Path = path, ContentType = ContentType(path), Headers = [new("Access-Control-Allow-Origin", "*")] });
            return;
        }
        if (!route.Request.Url.EndsWith("favicon.ico", StringComparison.Ordinal)) problems.Add($"{route.Request.Url} is not there.");
        await route.AbortAsync();
    }

    private string PathOf(string url)
    {
        if (url.StartsWith(Site, StringComparison.Ordinal)) return _folder.File(url[Site.Length..]);
        var asked = Package().Match(url);
        var folder = Path.Combine(NodePackages.Folder, "node_modules", asked.Groups["name"].Value);
        return asked.Success && File.ReadAllText(Path.Combine(folder, "package.json")).Contains($"\"version\": \"{asked.Groups["version"].Value}\"", StringComparison.Ordinal)
            ? Path.Combine(folder, asked.Groups["file"].Value)
            : "";
    }

    private static string ContentType(string path) => Path.GetExtension(path) switch
    {
        ".html" => "text/html",
        ".mjs" => "text/javascript",
        ".wasm" => "application/wasm",
        _ => "application/octet-stream",
    };

    [GeneratedRegex(@"^```html\n(?<page>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Page();

    [GeneratedRegex(@"^https://cdn\.jsdelivr\.net/npm/(?<name>(@[^/]+/)?[^/@]+)@(?<version>[\d.]+)/(?<file>.+)$")]
    private static partial Regex Package();
}
