using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace AltClip.Search.Tests;

public sealed class PageTests(PageServer server, Chromium chromium) : IClassFixture<PageServer>, IClassFixture<Chromium>, IAsyncLifetime
{
    private readonly List<string> _problems = [];
    private IBrowserContext _context = null!;
    private IPage _page = null!;

    public async ValueTask InitializeAsync() => await OpenAsync(new());

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    [Fact]
    public async Task ATypedTextFindsItsPicture()
    {
        await _page.GetByLabel("What does the picture show?").FillAsync("火箭");
        await _page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(Cards).ToHaveCountAsync(9);
        await Expect(Names.First).ToHaveTextAsync("rocket.png");
        await Expect(_page.GetByRole(AriaRole.Status).First).ToContainTextAsync("9 pictures for “火箭”");
        var scores = (await _page.Locator(".number").AllTextContentsAsync()).Select(double.Parse).ToList();
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.True(await Cards.First.Locator("img").EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));

        // The address keeps the search.
        await _page.ReloadAsync();
        await Expect(Names.First).ToHaveTextAsync("rocket.png");
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task BeforeASearchThereArePicturesAndWhatTheModelKnows()
    {
        await Expect(Cards).ToHaveCountAsync(9);
        await Expect(_page.GetByText("Some of the pictures:")).ToBeVisibleAsync();
        await Expect(_page.GetByText("This model knows emoji and no photographs")).ToBeVisibleAsync();
        await Expect(_page.GetByText("1 file can't be read")).ToBeVisibleAsync();
        Assert.True(await Cards.First.Locator("img").EvaluateAsync<bool>("image => image.decode().then(() => image.currentSrc.includes('thumbnail'))"));
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task ATextThatNothingFitsIsSaidToBeOne()
    {
        await SearchAsync("penguin");
        await Expect(Weak).ToBeHiddenAsync();
        await SearchAsync("quarterly report of an insurance");
        await Expect(Weak).ToBeVisibleAsync();
        await SearchAsync("penguin");
        await Expect(Weak).ToBeHiddenAsync();
    }

    [Fact]
    public async Task APictureOpensLargeWithItsNeighbours()
    {
        await OpenAsync(new() { Permissions = ["clipboard-read", "clipboard-write"] });
        await SearchAsync("penguin");
        var names = await Names.AllTextContentsAsync();
        await Cards.First.ClickAsync();
        await Expect(_page.Locator("#large-name")).ToHaveTextAsync(names[0]);
        await Expect(_page.GetByLabel("Previous picture")).ToBeDisabledAsync();
        Assert.True(await _page.Locator("#large").EvaluateAsync<bool>("image => image.decode().then(() => image.naturalWidth > 0)"));
        await _page.GetByLabel("Next picture").ClickAsync();
        await Expect(_page.Locator("#large-name")).ToHaveTextAsync(names[1]);
        await _page.Keyboard.PressAsync("ArrowRight");
        await Expect(_page.Locator("#large-name")).ToHaveTextAsync(names[2]);
        await _page.Keyboard.PressAsync("ArrowLeft");
        await _page.Keyboard.PressAsync("ArrowLeft");
        await Expect(_page.Locator("#large-name")).ToHaveTextAsync(names[0]);
        await _page.GetByRole(AriaRole.Button, new() { Name = "Copy path" }).ClickAsync();
        await Expect(_page.GetByText("Copied.")).ToBeVisibleAsync();
        Assert.EndsWith(names[0], await _page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await _page.Keyboard.PressAsync("Escape");
        await Expect(Viewer).ToBeHiddenAsync();
        // A folder is told apart from the name.
        await Names.Filter(new() { HasText = PageServer.OddName }).ClickAsync();
        await Expect(_page.Locator("#large-folder")).ToHaveTextAsync("more");
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task BackFindsEverySearchAgain()
    {
        await SearchAsync("guitar");
        await Cards.First.ClickAsync();
        await _page.GetByRole(AriaRole.Button, new() { Name = "Find pictures like this" }).ClickAsync();
        await Expect(_page.GetByText("Pictures like guitar.png")).ToBeVisibleAsync();
        await _page.GetByLabel("Choose a picture").SetInputFilesAsync(EmojiPipeline.Picture("cactus"));
        await Expect(_page.GetByText("Pictures like cactus.png")).ToBeVisibleAsync();
        await Expect(Names.First).ToHaveTextAsync("cactus.png");

        await _page.ReloadAsync();
        await Expect(_page.GetByText("Pictures like cactus.png")).ToBeVisibleAsync();
        await Expect(Names.First).ToHaveTextAsync("cactus.png");
        await _page.GoBackAsync();
        await Expect(_page.GetByText("Pictures like guitar.png")).ToBeVisibleAsync();
        await Expect(Cards.First).ToContainTextAsync("1.000");
        await _page.GoBackAsync();
        await Expect(_page.GetByRole(AriaRole.Searchbox)).ToHaveValueAsync("guitar");
        await Expect(_page.GetByRole(AriaRole.Status).First).ToContainTextAsync("“guitar”");
        await _page.GoBackAsync();
        await Expect(_page.GetByText("Some of the pictures:")).ToBeVisibleAsync();
        await _page.GoForwardAsync();
        await Expect(Names.First).ToHaveTextAsync("guitar.png");
        // A picture of another browser, or one that is long gone.
        await _page.GotoAsync(new Uri(server.Url, "?upload=99999").ToString());
        await Expect(_page.GetByRole(AriaRole.Alert)).ToContainTextAsync("isn't kept in this browser");
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task MoreComesAsTheEndComesIntoSight()
    {
        var asked = new List<int>();
        await _page.RouteAsync("**/api/search?*", async route =>
        {
            var top = int.Parse(System.Web.HttpUtility.ParseQueryString(new Uri(route.Request.Url).Query)["top"]!);
            asked.Add(top);
            // As of 60 pictures.
            var results = Enumerable.Range(0, Math.Min(top, 60)).Select(i => new { id = $"{i}.png", score = 1 - i / 100.0, url = "icon.svg", thumbnail = "icon.svg" });
            await route.FulfillAsync(new() { Json = new { results } });
        });
        await _page.GetByRole(AriaRole.Searchbox).FillAsync("many");
        await _page.Keyboard.PressAsync("Enter");
        await Expect(Names.First).ToHaveTextAsync("0.png");
        await Expect(Cards).ToHaveCountAsync(24);
        foreach (var count in new[] { 48, 60 })
        {
            await _page.EvaluateAsync("scrollTo(0, document.body.scrollHeight)");
            await Expect(Cards).ToHaveCountAsync(count);
        }
        await Expect(_page.GetByText("60 pictures for “many”")).ToBeVisibleAsync();
        Assert.Equal([200], asked); // once: an upload is not sent again
        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i}.png"), await Names.AllTextContentsAsync());
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task ADroppedPictureFindsItself()
    {
        var transfer = await _page.EvaluateHandleAsync(
            """
            base64 => {
                const transfer = new DataTransfer();
                const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
                transfer.items.add(new File([bytes], "mine.png", { type: "image/png" }));
                return transfer;
            }
            """, Convert.ToBase64String(File.ReadAllBytes(EmojiPipeline.Picture("pizza"))));
        await _page.DispatchEventAsync("body", "dragover", new { dataTransfer = transfer });
        await Expect(_page.GetByText("Drop the picture")).ToBeVisibleAsync();
        await _page.DispatchEventAsync("body", "drop", new { dataTransfer = transfer });
        await Expect(_page.GetByText("Drop the picture")).ToBeHiddenAsync();
        await Expect(Names.First).ToHaveTextAsync("pizza.png");
        await Expect(Cards.First).ToContainTextAsync("1.000");
        await Expect(_page.GetByText("Pictures like mine.png")).ToBeVisibleAsync();
        Assert.Empty(_problems);
    }

    [Fact]
    public async Task AChosenFileThatIsNoPictureIsExplainedAndTheNextIsFound()
    {
        var chooser = _page.GetByLabel("Choose a picture");
        await chooser.SetInputFilesAsync(new FilePayload { Name = "notes.png", MimeType = "image/png", Buffer = "not a picture"u8.ToArray() });
        await Expect(_page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not a JPEG, PNG, GIF, WebP or BMP");
        await Expect(Cards).ToHaveCountAsync(0);
        await chooser.SetInputFilesAsync(EmojiPipeline.Picture("cactus"));
        await Expect(Names.First).ToHaveTextAsync("cactus.png");
        await Expect(_page.GetByRole(AriaRole.Alert)).ToBeHiddenAsync();
    }

    [Fact]
    public async Task APictureThatIsTooLargeIsNotSent()
    {
        await _page.GetByLabel("Choose a picture").SetInputFilesAsync(new FilePayload { Name = "a.png", MimeType = "image/png", Buffer = new byte[(20 << 20) + 1] });
        await Expect(_page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The picture is larger than 20 MB.");
    }

    [Fact]
    public async Task TheKeyboardIsEnough()
    {
        // The text has the focus from the start.
        await _page.Keyboard.TypeAsync("guitar");
        await _page.Keyboard.PressAsync("Enter");
        await Expect(Names.First).ToHaveTextAsync("guitar.png");
        var met = new List<string>();
        for (var i = 0; i < 20 && !met.Contains("card"); i++)
        {
            await _page.Keyboard.PressAsync("Tab");
            met.Add(await _page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.className"));
            var outline = await _page.EvaluateAsync<string>(
                "getComputedStyle(document.activeElement.id === 'file' ? document.querySelector('.button') : document.activeElement).outlineStyle");
            Assert.Equal("solid", outline);
        }
        Assert.Equal("primary", met[0]);
        Assert.Equal("file", met[1]);
        Assert.Equal("card", met[^1]);
        await _page.Keyboard.PressAsync("Tab");
        var second = await Names.Nth(1).TextContentAsync();
        await _page.Keyboard.PressAsync("Enter");
        await Expect(Viewer).ToBeVisibleAsync();
        for (var i = 0; i < 5 && await _page.EvaluateAsync<string>("document.activeElement.id") != "like"; i++) await _page.Keyboard.PressAsync("Tab");
        await _page.Keyboard.PressAsync("Enter");
        await Expect(Names.First).ToHaveTextAsync(second!);
        await Expect(Cards.First).ToBeFocusedAsync();
        await Expect(Cards.First).ToHaveAccessibleNameAsync(new System.Text.RegularExpressions.Regex($@"^{second}, score 1\.000\. See it large$"));
    }

    [Fact]
    public async Task NamesAreTextNotHtml()
    {
        await SearchAsync("penguin");
        var odd = _page.GetByText(PageServer.OddName, new() { Exact = true });
        await Expect(odd).ToBeVisibleAsync();
        Assert.True(await odd.EvaluateAsync<bool>("name => name.closest('button').querySelector('img').decode().then(() => true)"));
        await odd.ClickAsync();
        await Expect(Viewer.GetByText(PageServer.OddName, new() { Exact = true })).ToBeVisibleAsync();
        await _page.GetByRole(AriaRole.Button, new() { Name = "Find pictures like this" }).ClickAsync();
        await Expect(Cards.First).ToContainTextAsync("1.000");
        await Expect(_page.Locator("main b")).ToHaveCountAsync(0);
        Assert.Empty(_problems);
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task BothColourSchemesAreReadable(ColorScheme scheme)
    {
        await OpenAsync(new() { ColorScheme = scheme });
        await SearchAsync("penguin");
        var luminance = await _page.EvaluateAsync<double>($"{Luminance} luminance(getComputedStyle(document.body).backgroundColor)");
        Assert.Equal(scheme == ColorScheme.Dark, luminance < 0.1);
        foreach (var part in new[] { "h1", "#about", ".hint", "#status", ".primary", ".button", ".name", ".number", "#text", ".examples:not(:empty) button" })
        {
            var contrasts = await _page.EvaluateAsync<double[]>($$"""
                {{Luminance}}
                const ground = element => !element ? "rgb(255, 255, 255)"
                    : getComputedStyle(element).backgroundColor === "rgba(0, 0, 0, 0)" ? ground(element.parentElement) : getComputedStyle(element).backgroundColor;
                [...document.querySelectorAll("{{part}}")].map(element => {
                    const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
                    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                });
                """);
            // WCAG 2, level AA.
            Assert.All(contrasts, contrast => Assert.True(contrast >= 4.5, $"{part}: {contrast:f2}"));
        }
    }

    [Fact]
    public async Task APhoneShowsTwoPicturesARowAndNothingBesideTheScreen()
    {
        await OpenAsync(new() { ViewportSize = new() { Width = 360, Height = 740 }, HasTouch = true, IsMobile = true });
        await SearchAsync("penguin");
        Assert.Equal(360, await _page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        var boxes = await Task.WhenAll(Enumerable.Range(0, 3).Select(async i => (await Cards.Nth(i).BoundingBoxAsync())!));
        Assert.Equal(boxes[0].Y, boxes[1].Y, 1.0);
        Assert.True(boxes[2].Y > boxes[0].Y + boxes[0].Height);
        // There is nothing to drop from.
        await Expect(_page.Locator(".hint")).ToBeHiddenAsync();
        foreach (var touched in new[] { "#text", "form .primary", ".button" })
            Assert.True((await _page.Locator(touched).BoundingBoxAsync())!.Height >= 44, touched);
    }

    [Fact]
    public async Task NothingComesFromElsewhere()
    {
        var requests = new List<string>();
        _page.Request += (_, request) => requests.Add(request.Url);
        await _page.ReloadAsync();
        await SearchAsync("penguin");
        Assert.NotEmpty(requests);
        Assert.All(requests, url => Assert.StartsWith(server.Url.ToString(), url));
        Assert.Empty(_problems);
    }

    private const string Luminance = """
        const luminance = color => {
            const [r, g, b] = color.match(/[\d.]+/g).map(number => number / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        """;

    private ILocator Viewer => _page.GetByRole(AriaRole.Dialog);

    private ILocator Weak => _page.GetByText("Nothing here fits well");

    private ILocator Cards => _page.Locator(".card");

    private ILocator Names => _page.Locator(".name");

    private async Task OpenAsync(BrowserNewContextOptions options)
    {
        if (_context is not null) await _context.DisposeAsync();
        _context = await chromium.Browser.NewContextAsync(options);
        _page = await _context.NewPageAsync();
        _page.PageError += (_, error) => _problems.Add(error);
        _page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") _problems.Add(message.Text);
        };
        await _page.GotoAsync(server.Url.ToString());
        await Expect(_page.GetByText("9 pictures · altclip-emoji")).ToBeVisibleAsync();
    }

    private async Task SearchAsync(string text)
    {
        await _page.GetByRole(AriaRole.Searchbox).FillAsync(text);
        await _page.Keyboard.PressAsync("Enter");
        await Expect(_page.GetByRole(AriaRole.Status).First).ToContainTextAsync($"9 pictures for “{text}”");
        await Expect(Cards).ToHaveCountAsync(9);
    }
}
