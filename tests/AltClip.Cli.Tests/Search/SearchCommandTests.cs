using AltClip.Search.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class SearchCommandTests : PictureFolderTest
{
    [Fact]
    public async Task InAFolderWithoutAnIndexOneIsMadeAndKeptUpToDate()
    {
        Environment.CurrentDirectory = At("pictures");
        var first = await Cli.RunAsync("search", "火箭", "--paths", "-n", "1");
        Assert.Equal((ExitCode.Done, "rocket.png"), (first.Code, first.Output.TrimEnd()));
        Assert.Contains("no index here yet", first.Errors);
        Assert.True(File.Exists("altclip.duckdb"));

        var second = await Cli.RunAsync("search", "火箭", "--paths", "-n", "1");
        Assert.Equal("rocket.png", second.Output.TrimEnd());
        Assert.DoesNotContain("index", second.Errors, StringComparison.OrdinalIgnoreCase);

        File.Delete("rocket.png");
        Copy("rocket", "new/r.png");
        Assert.Equal(["cactus.png", "penguin.png", "pizza.png", "rocket.png"], (await LinesAsync("search", "火箭", "--paths", "--no-indexing")).Order());
        var third = await Cli.RunAsync("search", "火箭", "--paths", "-n", "1");
        Assert.Equal(Path.Combine("new", "r.png"), third.Output.TrimEnd());
        Assert.Contains("1 new, 0 changed, 1 removed", third.Errors);
    }

    [Fact]
    public async Task AnIndexAboveHasThePicturesOfTheFoldersBelow()
    {
        Copy("volcano", "pictures/deep/volcano.png");
        Copy("guitar", "other/guitar.png");
        await LinesAsync("index", "pictures", "other");
        Environment.CurrentDirectory = At("pictures/deep");
        Assert.Equal(["volcano.png"], await LinesAsync("search", "guitar", "--paths"));
        Environment.CurrentDirectory = At("..");
        Assert.Equal("pizza.png", (await LinesAsync("search", "pizza", "--paths"))[0]);
        Assert.Equal([Path.Combine("deep", "volcano.png")], await LinesAsync("search", "pizza", "--paths", "--in", "deep"));
        Assert.False(File.Exists("altclip.duckdb"));
        Environment.CurrentDirectory = At("..");
        Assert.Equal([Path.Combine("other", "guitar.png")], await LinesAsync("search", "pizza", "--paths", "--in", "other"));
        // One that has not this folder's pictures is another folder's.
        Copy("rocket", "third/rocket.png");
        Environment.CurrentDirectory = At("third");
        Assert.Equal(["rocket.png"], await LinesAsync("search", "pizza", "--paths"));
        Assert.True(File.Exists("altclip.duckdb"));
    }

    [Fact]
    public async Task WhyNothingIsFoundIsSaid()
    {
        await LinesAsync("index", "pictures");
        var all = await Cli.RunAsync("search", "pizza", "--store", "altclip.duckdb", "--exclude", "*");
        Assert.Equal((ExitCode.Done, ""), (all.Code, all.Output));
        Assert.Contains("--exclude leaves out all that is in the store (4 pictures).", all.Errors);
        var within = await Cli.RunAsync("search", "pizza", "--in", "pictures", "--store", "altclip.duckdb", "--exclude", "*");
        Assert.Contains($"Nothing in the store (4 pictures) is in {At("pictures")}, or --exclude leaves them out.", within.Errors);
    }

    [Fact]
    public async Task WhatIsExcludedStaysSo()
    {
        Copy("volcano", "pictures/raw/volcano.png");
        Copy("guitar", "pictures/.hidden/guitar.png");
        Environment.CurrentDirectory = At("pictures");
        Assert.Equal(5, (await LinesAsync("search", "pizza", "--paths", "--exclude", "raw", "--include-hidden")).Length);
        Copy("volcano", "raw/another.png");
        Copy("dog-face", "dog.png");
        var names = await LinesAsync("search", "pizza", "--paths");
        Assert.Equal(6, names.Length);
        Assert.DoesNotContain(names, name => name.Contains("raw"));
        Assert.Contains(Path.Combine(".hidden", "guitar.png"), names);

        // Of an index that is there, it leaves out of what is found.
        var some = await LinesAsync("search", "pizza", "--paths", "--exclude", "c*.png", "--exclude", ".hidden");
        Assert.Equal(["dog.png", "penguin.png", "pizza.png", "rocket.png"], some.Order());
        Assert.Equal(6, (await LinesAsync("search", "pizza", "--paths")).Length);
    }

    [Fact]
    public async Task ThatAnIndexHasNoHiddenPicturesIsSaid()
    {
        await LinesAsync("index", "pictures");
        Assert.Contains("index FOLDER --include-hidden", (await Cli.RunAsync("search", "pizza", "--include-hidden")).Errors);
    }

    [Fact]
    public async Task TextsAndPicturesAreAddedAndTakenAway()
    {
        await LinesAsync("index", "pictures");
        var pizza = Path.Combine("pictures", "pizza.png");
        Assert.Equal(pizza, (await LinesAsync("search", $"./{pizza}", "--paths"))[0]);
        Assert.Equal(pizza, (await LinesAsync("search", pizza, "--paths"))[0]);
        Assert.Equal(pizza, (await LinesAsync("search", "2:a slice", "of", "pizza", "+", "./pictures/penguin.png", "-", "3:penguin", "--paths"))[0]);
        Assert.Equal(["penguin.png", "pizza.png"],
            (await LinesAsync("search", "penguin", "--image", pizza, "--paths", "-n", "2")).Select(Path.GetFileName).Order());
        var words = await Cli.RunAsync("search", "penguin", "+", pizza, "--json", "-n", "2");
        var image = await Cli.RunAsync("search", "penguin", "--image", pizza, "--json", "-n", "2");
        Assert.Equal(words.Output, image.Output);
        using var input = File.OpenRead(pizza);
        var output = new StringWriter();
        var code = await CommandLine.RunAsync(["search", "-i", "-", "--paths", "-n", "1"], new CliConsole(output, TextWriter.Null) { In = () => input });
        Assert.Equal((ExitCode.Done, pizza), (code, output.ToString().TrimEnd()));
    }

    [Fact]
    public async Task PathsAreForOtherPrograms()
    {
        Copy("guitar", "pictures/-odd\n\u001b[31m name.png");
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such names.");
        Environment.CurrentDirectory = At("pictures");
        await LinesAsync("index", ".");
        var zero = await Cli.RunAsync("search", "guitar", "-0", "-n", "2");
        Assert.Equal(["./-odd\n\u001b[31m name.png", "", ""], zero.Output.Split('\0').Select((part, i) => i == 1 ? "" : part));
        Assert.Equal("./-odd\n\u001b[31m name.png", string.Join('\n', (await LinesAsync("search", "guitar", "--paths", "-n", "1"))));
        Assert.DoesNotContain("\u001b", (await Cli.RunAsync("search", "guitar", "-n", "1")).Output);
        // Long paths are not broken over lines.
        Copy("rocket", $"{new string('d', 120)}/{new string('r', 100)}.png");
        Assert.EndsWith(new string('r', 100) + ".png", (await LinesAsync("search", "rocket"))[0]);
    }

    [Fact]
    public async Task AScoreCutsOff()
    {
        await LinesAsync("index", "pictures");
        var all = (await Cli.RunAsync("search", "pizza", "--json")).Done().AsArray();
        Assert.Equal(4, all.Count);
        var least = ((double)all[1]!["score"]! - 1e-6).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(2, (await Cli.RunAsync("search", "pizza", "--json", "--min-score", least)).Done().AsArray().Count);
        var none = await Cli.RunAsync("search", "pizza", "--min-score", "0.99");
        Assert.Equal((ExitCode.Done, ""), (none.Code, none.Output));
        Assert.Contains("None of the pictures has a score of 0.99 or more", none.Errors);
    }

    [Theory]
    [InlineData("no QUERY", "search")]
    [InlineData("nothing behind '-'", "search", "a", "-")]
    [InlineData("only takes away", "search", "-", "a")]
    [InlineData("--min-score is 2", "search", "a", "--min-score", "2")]
    [InlineData("either --paths or --json", "search", "a", "--paths", "--json")]
    [InlineData("A pattern of --exclude", "search", "a", "--exclude", "./")]
    public async Task WrongUsageIsSaid(string message, params string[] arguments)
    {
        var result = await Cli.RunAsync(arguments);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Contains(message, result.Errors);
        Assert.False(File.Exists("altclip.duckdb"));
    }

    [Fact]
    public async Task WithoutPicturesNoIndexIsMade()
    {
        Environment.CurrentDirectory = Directory.CreateDirectory(At("empty")).FullName;
        foreach (var arguments in new[] { ["search", "a"], new[] { "search", "a", "--no-indexing" }, ["duplicates"] })
        {
            var result = await Cli.RunAsync(arguments);
            Assert.Equal(ExitCode.Failed, result.Code);
            Assert.Contains("altclip index FOLDER", result.Errors);
            Assert.Empty(Directory.GetFiles("."));
        }
    }

    [Fact]
    public async Task PicturesOfTheWebAreDownloaded()
    {
        await LinesAsync("index", "pictures");
        using var server = new System.Net.HttpListener();
        var port = FreePort();
        server.Prefixes.Add($"http://127.0.0.1:{port}/");
        server.Start();
        var serving = Task.Run(async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                var context = await server.GetContextAsync();
                Assert.StartsWith("altclip/", context.Request.UserAgent);
                if (context.Request.Url!.AbsolutePath == "/pizza.png") await context.Response.OutputStream.WriteAsync(File.ReadAllBytes(EmojiPipeline.Picture("pizza")));
                else context.Response.StatusCode = 404;
                context.Response.Close();
            }
        });
        Assert.Equal(Path.Combine("pictures", "pizza.png"), (await LinesAsync("search", $"http://127.0.0.1:{port}/pizza.png", "--paths"))[0]);
        var missing = await Cli.RunAsync("search", $"http://127.0.0.1:{port}/no.png");
        Assert.Equal(ExitCode.Failed, missing.Code);
        Assert.Contains("no.png can't be downloaded: the server answered 404", missing.Errors);
        await serving;
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
