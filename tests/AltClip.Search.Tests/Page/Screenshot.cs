using AltClip.Tests;
using ImageSearch;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace AltClip.Search.Tests;

public sealed class Screenshot(Chromium chromium) : IClassFixture<Chromium>
{
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
        await Expect(page.Locator(".card")).ToHaveCountAsync(8);
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.ScreenshotAsync(new() { Path = TestData.Path("..", "..", "docs", "images", "image-search.png") });
        await app.StopAsync();
    }
}
