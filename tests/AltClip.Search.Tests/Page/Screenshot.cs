using AltClip.Tests;
using ImageSearch;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace AltClip.Search.Tests;

public sealed class Screenshot(Chromium chromium) : IClassFixture<Chromium>
{
    /// <summary>Makes pictures of the page to be looked at, in artifacts: <c>… -- -explicit only -class AltClip.Search.Tests.Screenshot</c>.</summary>
    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light, 1280, 896)]
    [InlineData(ColorScheme.Dark, 1280, 896)]
    [InlineData(ColorScheme.Dark, 390, 844)]
    public async Task ToBeLookedAt(ColorScheme scheme, int width, int height)
    {
        using var folder = new TemporaryFolder();
        await using var app = ImageSearchApp.Build(["--store", folder.File("a.duckdb"), "--urls", "http://127.0.0.1:0"]);
        await app.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = scheme,
            IsMobile = width < 500,
            HasTouch = width < 500,
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(app.Urls.First());
        await Expect(page.Locator(".card")).ToHaveCountAsync(8);
        Task ShotAsync(string what) => page.ScreenshotAsync(new() { Path = TestData.Path("..", "..", "artifacts", $"page-{scheme}-{width}-{what}.png") });
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await ShotAsync("begin");
        await page.GetByRole(AriaRole.Searchbox).FillAsync("quarterly report of an insurance");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("Nothing here fits well")).ToBeVisibleAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await ShotAsync("found");
        await page.Locator(".card").First.ClickAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await ShotAsync("large");
        await app.StopAsync();
    }

    /// <summary>Makes the picture in the documentation anew: <c>… -- -explicit only -class AltClip.Search.Tests.Screenshot</c>.</summary>
    [Fact(Explicit = true)]
    public async Task ForTheDocumentation()
    {
        using var folder = new TemporaryFolder();
        await using var app = ImageSearchApp.Build(["--store", folder.File("a.duckdb"), "--urls", "http://127.0.0.1:0"]);
        await app.StartAsync();
        var page = await chromium.Browser.NewPageAsync(new() { ViewportSize = new() { Width = 1280, Height = 896 }, ColorScheme = ColorScheme.Light });
        await page.GotoAsync(app.Urls.First());
        await Expect(page.GetByText("8 pictures · altclip-emoji")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Searchbox).FillAsync("火箭");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("8 pictures for “火箭”")).ToBeVisibleAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.ScreenshotAsync(new() { Path = TestData.Path("..", "..", "docs", "images", "image-search.png") });
        await app.StopAsync();
    }
}
