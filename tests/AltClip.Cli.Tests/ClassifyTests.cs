using System.Diagnostics;
using System.Text.Json.Nodes;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>The command as a user runs it, with the model that comes with it.</summary>
public sealed class ClassifyTests : IDisposable
{
    private readonly TemporaryFolder _state = new();

    private static readonly string Pizza = TestData.Path("emoji", "pizza.png");
    private static readonly string Cat = TestData.Path("images", "real", "x_cat.jpg");
    private static readonly string Dog = TestData.Path("images", "real", "x_dog.jpg");

    public void Dispose() => _state.Dispose();

    [Fact]
    public void PrintsJsonForPrograms()
    {
        var (code, output, errors) = Run("classify", Cat, Dog, "--labels", "a cat", "一只猫", "صورة كلب", "--json");
        Assert.True(code == 0, errors);
        var pictures = JsonNode.Parse(output)!.AsArray();
        Assert.Equal([Cat, Dog], pictures.Select(picture => (string)picture!["picture"]!));
        foreach (var picture in pictures)
        {
            var probabilities = picture!["labels"]!.AsArray().Select(label => (double)label!["probability"]!).ToArray();
            Assert.Equal(3, probabilities.Length);
            Assert.Equal(probabilities.OrderDescending(), probabilities);
            Assert.Equal(1, probabilities.Sum(), 1e-5);
        }
        Assert.Contains("一只猫", output);
    }

    [Fact]
    public void NamesAnEmojiAndSaysWhatItsModelKnows()
    {
        var (code, output, errors) = Run("classify", Pizza, "--labels", "火箭", "pizza", "企鹅");
        Assert.True(code == 0, errors);
        Assert.Contains("pizza.png", output);
        Assert.Contains("%", output);
        string[] labels = ["pizza ", "火箭", "企鹅"];
        Assert.Equal("pizza ", labels.MinBy(label => output.IndexOf(label, StringComparison.Ordinal)));
        Assert.All(labels, label => Assert.Contains(label, output));
        Assert.Contains("nothing but emoji", errors.ReplaceLineEndings(" "));
        // Once is enough.
        Assert.Empty(Run("classify", Pizza, "--labels", "pizza", "rocket").Errors);
    }

    [Theory]
    [InlineData("pizza", "'pizza', which so has 100 %")]
    [InlineData("pizza,rocket", "Several are words of their own")]
    public void OneLabelIsSaidToBeOne(string label, string expected)
    {
        Assert.Contains(expected, Run("classify", Pizza, "--labels", label).Errors.ReplaceLineEndings(" "));
        Assert.DoesNotContain("100 %", Run("classify", Pizza, "--labels", label, "--none").Errors);
    }

    [Fact]
    public void APictureMayBeNamedAsBrowsersDo()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("a pizza.png");
        File.Copy(Pizza, file);
        foreach (string[] typed in new string[][] { [new Uri(file).AbsoluteUri, "--labels", "pizza", "rocket"], ["--labels", "pizza", "rocket", new Uri(file).AbsoluteUri] })
        {
            var (code, output, errors) = Run(["classify", .. typed, "--json"]);
            Assert.True(code == 0, errors);
            Assert.Equal(file, (string)JsonNode.Parse(output)![0]!["picture"]!);
        }
    }

    [Fact]
    public async Task LabelsMayStandBeforeThePictures()
    {
        var after = await Cli.RunAsync("classify", Pizza, Cat, "--labels", "pizza", "火箭", "--json");
        var before = await Cli.RunAsync("classify", "--labels", "pizza", "火箭", Pizza, Cat, "--json");
        Assert.Equal(2, after.Done().AsArray().Count);
        // But for the last digit of numbers, which another kernel may compute.
        foreach (var (expected, actual) in after.Done().AsArray().Zip(before.Done().AsArray()))
        {
            Assert.Equal((string?)expected!["picture"], (string?)actual!["picture"]);
            Assert.All(expected["labels"]!.AsArray().Zip(actual["labels"]!.AsArray()), pair =>
            {
                Assert.Equal((string?)pair.First!["label"], (string?)pair.Second!["label"]);
                Assert.Equal((double)pair.First["probability"]!, (double)pair.Second["probability"]!, 1e-5);
            });
        }
        var none = await Cli.RunAsync("classify", "--labels", Pizza, Cat);
        Assert.Equal(AltClip.Cli.ExitCode.WrongUsage, none.Code);
        Assert.Contains("There are no labels", none.Errors);
    }

    [Fact]
    public async Task PicturesMayComeFromStandardInput()
    {
        using var input = File.OpenRead(Pizza);
        var output = new StringWriter();
        var console = new CliConsole(output, TextWriter.Null) { In = () => input };
        Assert.Equal(AltClip.Cli.ExitCode.Done, await CommandLine.RunAsync(["classify", "-", "--labels", "pizza", "火箭", "--json"], console));
        Assert.Equal("-", (string)JsonNode.Parse(output.ToString())![0]!["picture"]!);
    }

    [Fact]
    public void ModelFolderIsTaken()
    {
        var (code, output, errors) = Run("classify", Cat, "--labels", "a", "b", "--model", TestData.Path("e2e"), "--json");
        Assert.True(code == 0, errors);
        Assert.Single(JsonNode.Parse(output)!.AsArray());
        Assert.Empty(errors);
    }

    [Fact]
    public async Task PicturesThatCannotBeReadAreNamedAndTheOthersClassified()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("broken.png"), "no picture");
        var some = await Cli.RunAsync("classify", Pizza, folder.File("broken.png"), Cat, "--labels", "pizza", "rocket", "--json");
        Assert.Equal(AltClip.Cli.ExitCode.SomeFailed, some.Code);
        Assert.Equal([Pizza, Cat], some.Json.AsArray().Select(picture => (string)picture!["picture"]!));
        Assert.Contains("broken.png", some.Errors);
        var none = await Cli.RunAsync("classify", folder.File("broken.png"), "--labels", "pizza");
        Assert.Equal(AltClip.Cli.ExitCode.Failed, none.Code);
        Assert.Empty(none.Output);
    }

    [Theory]
    [InlineData(1, "nowhere.jpg", "classify", "nowhere.jpg", "--labels", "a")]
    [InlineData(1, "no-such-model", "classify", "CAT", "--labels", "a", "--model", "no-such-model")]
    [InlineData(2, "--labels", "classify", "CAT")]
    [InlineData(2, "PICTURE", "classify", "--labels", "a")]
    [InlineData(1, "is a folder; expected picture files. altclip sort takes a folder.", "classify", "FOLDER", "--labels", "a")]
    [InlineData(1, "is a folder", "classify", "--labels", "a", "FOLDER")]
    [InlineData(2, "--labels has 'a' twice.", "classify", "CAT", "--labels", "a", "b", "a")]
    [InlineData(1, "\"word word", "classify", "CAT", "--labels", "a", "LONG")]
    public void WhatIsWrongIsNamed(int exitCode, string expected, params string[] arguments)
    {
        var (code, output, errors) = Run([.. arguments.Select(argument => argument switch
        {
            "CAT" => Cat,
            "FOLDER" => Path.GetDirectoryName(Cat)!,
            "LONG" => string.Join(' ', Enumerable.Repeat("word", 600)),
            _ => argument,
        })]);
        Assert.Equal(exitCode, code);
        Assert.Contains(expected, errors.ReplaceLineEndings(" "));
        Assert.DoesNotContain("   at ", output + errors);
    }

    private (int Code, string Output, string Errors) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "AltClip.Cli.dll"));
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["XDG_STATE_HOME"] = _state.Path;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }

    [Fact]
    public async Task ALabelIsOneLineOfTheTable()
    {
        var result = await Cli.RunAsync("classify", Cat, "--labels", "two\nlines", "pizza");
        Assert.Contains("two␊lines", result.Output);
        Assert.Equal(1 + 2, result.Output.TrimEnd().Split('\n').Length);
    }

    /// <summary>A bar that goes on in the next line says nothing.</summary>
    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    public async Task BarsStayOnTheirLines(int width)
    {
        var result = await Cli.RunAsync(width, "classify", TestData.Path("emoji", "penguin.png"), "--labels", "penguin", "pizza", "red apple");
        var lines = result.Output.TrimEnd().Split(Environment.NewLine);
        Assert.Equal(1 + 3, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.TrimEnd().Length, 1, width));
        Assert.Contains("██", lines[1]);
    }
}
