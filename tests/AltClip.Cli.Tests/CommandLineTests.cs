using System.CommandLine;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task HelpOfEachCommandEndsWithExamplesOfIt()
    {
        var console = new CliConsole(TextWriter.Null, TextWriter.Null);
        var commands = Leaves([], CommandLine.Create(console)).ToList();
        Assert.Contains(commands, path => path.SequenceEqual(["evaluate", "zero-shot"]));
        foreach (var path in commands)
        {
            var help = await Cli.RunAsync([.. path, "--help"]);
            Assert.Equal(ExitCode.Done, help.Code);
            Assert.Empty(help.Errors);
            var examples = help.Output[help.Output.IndexOf("Examples:", StringComparison.Ordinal)..];
            Assert.Contains($"altclip {string.Join(' ', path)}", examples);
        }
    }

    [Theory]
    [InlineData("Required command", "See altclip --help.")]
    [InlineData("Did you mean", "See altclip --help.", "clasify")]
    [InlineData("'MODEL' missing", "See altclip convert --help.", "convert")]
    [InlineData("'CAPTIONS' missing", "See altclip evaluate retrieval --help.", "evaluate", "retrieval")]
    [InlineData("'float8'", "See altclip classify --help.", "classify", "x", "-l", "a", "--precision", "float8")]
    [InlineData("--batch-size", "See altclip evaluate zero-shot --help.", "evaluate", "zero-shot", "x", "--batch-size", "0")]
    [InlineData("has no {}", "See altclip classify --help.", "classify", "PIZZA", "-l", "a", "-t", "a photo")]
    [InlineData("--templates goes with --classes", "See altclip evaluate zero-shot --help.", "evaluate", "zero-shot", "x", "--templates", "y")]
    [InlineData("needs --classes", "See altclip evaluate zero-shot --help.", "evaluate", "zero-shot", "PIZZA")]
    [InlineData("--split is not for", "See altclip evaluate retrieval --help.", "evaluate", "retrieval", "x", "--split", "test")]
    [InlineData("--steps and --epochs", "See altclip train --help.", "train", "x", "-o", "no-such-folder", "--steps", "1", "--epochs", "1")]
    [InlineData("--learning-rate", "See altclip train --help.", "train", "x", "-o", "no-such-folder", "--learning-rate", "-1")]
    [InlineData("--warmup", "See altclip train --help.", "train", "x", "-o", "no-such-folder", "--warmup", "2")]
    [InlineData("--merge goes with --lora", "See altclip train --help.", "train", "x", "-o", "no-such-folder", "--merge")]
    [InlineData("'--jsno'", "See altclip classify --help.", "classify", "PIZZA", "--labels", "pizza", "--jsno")]
    [InlineData("--labels is empty", "See altclip classify --help.", "classify", "PIZZA", "--labels", "pizza", "")]
    [InlineData("--text is empty", "See altclip explain --help.", "explain", "PIZZA", "--text", " ")]
    [InlineData("ends in .png", "See altclip explain --help.", "explain", "PIZZA", "--text", "pizza", "--output", "heat.jpg")]
    [InlineData("--shard-size", "See altclip convert --help.", "convert", "x", "no-such-folder", "--shard-size", "5")]
    public async Task WrongUsageIsSaidBesideTheResultAndEndsWithTwo(string expected, string hint, params string[] arguments)
    {
        var result = await Cli.RunAsync([.. arguments.Select(argument => argument == "PIZZA" ? TestData.Path("emoji", "pizza.png") : argument)]);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Empty(result.Output);
        Assert.Contains(expected, result.Errors);
        Assert.Contains(hint, result.Errors);
        Assert.False(Directory.Exists("no-such-folder"));
    }

    [Fact]
    public async Task WhatFailsIsSaidWithoutAStackTrace()
    {
        var result = await Cli.RunAsync("train", "no-such-list.tsv", "-o", "no-such-folder");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("no-such-list.tsv", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
        Assert.False(Directory.Exists("no-such-folder"));
    }

    [Theory]
    [InlineData("ev", "evaluate")]
    [InlineData("evaluate ", "retrieval")]
    [InlineData("classify x.png --precision ", "bfloat16")]
    [InlineData("classify --te", "--templates")]
    [InlineData("completion ", "fish")]
    public async Task ShellsAreToldWhatMayCome(string line, string expected)
    {
        var result = await Cli.RunAsync($"[suggest:{line.Length}]", line);
        Assert.Contains(expected, result.Output.Split(Environment.NewLine));
    }

    [Fact]
    public async Task EachShellHasAScript()
    {
        foreach (var (shell, way) in new[] { ("bash", "complete "), ("zsh", "compdef "), ("fish", "complete "), ("pwsh", "Register-ArgumentCompleter ") })
        {
            var result = await Cli.RunAsync("completion", shell);
            Assert.Contains(way, result.Output);
            Assert.Contains("[suggest:", result.Output);
        }
        Assert.Equal(ExitCode.WrongUsage, (await Cli.RunAsync("completion", "csh")).Code);
    }

    private static IEnumerable<string[]> Leaves(string[] path, Command command) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(own => Leaves([.. path, own.Name], own));
}
