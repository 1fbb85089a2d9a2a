using System.CommandLine;
using System.Globalization;
using System.Numerics;
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
    [InlineData("There is no command 'clasify'. Did you mean classify?", "See altclip --help.", "clasify")]
    [InlineData("There is no command 'zeroshot'. Did you mean zero-shot?", "See altclip evaluate --help.", "evaluate", "zeroshot", "x")]
    [InlineData("There is no option '--tpo'. Did you mean --top?", "See altclip search --help.", "search", "a", "--tpo", "3")]
    [InlineData("There is no option '--preciison'. Did you mean --precision?", "See altclip classify --help.", "classify", "PIZZA", "--preciison=int8", "-l", "a")]
    [InlineData("There is no option '--jsno'. Did you mean --json?", "See altclip classify --help.", "classify", "PIZZA", "-l", "a", "--jsno")]
    [InlineData("There is no option '--label'. Did you mean --labels?", "See altclip classify --help.", "classify", "PIZZA", "--label", "a")]
    [InlineData("There is no option '--label'. Did you mean --labels?", "See altclip sort --help.", "sort", "pictures", "--label", "a", "--into", "b")]
    [InlineData("The option '--json' stands before its command; expected it behind 'search'.", "See altclip search --help.", "--json", "search", "a")]
    [InlineData("The option '-n' stands before its command; expected it behind 'search'.", "See altclip search --help.", "-n", "3", "search", "a")]
    [InlineData("There is no option '-fruit'.", "See altclip search --help.", "search", "apple", "-fruit")]
    [InlineData("--top is 'x'; expected a whole number.", "See altclip search --help.", "search", "a", "--top", "x")]
    [InlineData("--min-score is 'x'; expected a number.", "See altclip search --help.", "search", "a", "--min-score", "x")]
    [InlineData("'bfloat61' is not among float32, bfloat16, int8. Did you mean bfloat16?", "See altclip classify --help.", "classify", "PIZZA", "-l", "a", "-p", "bfloat61")]
    [InlineData("'z' is one value too many.", "See altclip convert --help.", "convert", "x", "y", "z")]
    [InlineData("A value of INPUT is empty.", "See altclip embed --help.", "embed", "", "-o", "no-such-folder")]
    [InlineData("A value of --model is empty.", "See altclip classify --help.", "classify", "PIZZA", "-l", "a", "--model", "")]
    [InlineData("There is no command 'SEARCH'. Did you mean search?", "See altclip --help.", "SEARCH", "a")]
    [InlineData("There is no command 'help'. Did you mean --help?", "See altclip --help.", "help")]
    [InlineData("There is no command 'version'. Did you mean --version?", "See altclip --help.", "version")]
    [InlineData("  classify    Says which", "See altclip --help.")]
    [InlineData("'2' is one too many.", "See altclip classify --help.", "classify", "PIZZA", "-l", "a", "--adapter", "x", "--adapter-weight", "1", "2")]
    [InlineData("--count is 'x'; expected a whole number.", "See altclip quantize --help.", "quantize", "x", "--count", "x")]
    [InlineData("--learning-rate is '1,5'; expected a number, with a point in place of the comma.", "See altclip train --help.", "train", "x", "-o", "no-such-folder", "--learning-rate", "1,5")]
    public async Task WrongUsageIsSaidBesideTheResultAndEndsWithTwo(string expected, string hint, params string[] arguments)
    {
        var result = await Cli.RunAsync([.. arguments.Select(argument => argument == "PIZZA" ? TestData.Path("emoji", "pizza.png") : argument)]);
        Assert.Equal(ExitCode.WrongUsage, result.Code);
        Assert.Empty(result.Output);
        Assert.Contains(expected, result.Errors);
        Assert.Contains(hint, result.Errors);
        foreach (var internals in new[] { "System.", "Parameter", "command or argument" }) Assert.DoesNotContain(internals, result.Errors);
        Assert.False(Directory.Exists("no-such-folder"));
    }

    /// <summary>What follows a mistyped command would be its arguments, not commands.</summary>
    [Fact]
    public async Task OfAMistypedCommandOnlyTheCommandIsWrong() =>
        Assert.DoesNotContain("'cat'", (await Cli.RunAsync("serch", "cat", "--top", "3")).Errors);

    [Fact]
    public async Task WhatFailsIsSaidWithoutAStackTrace()
    {
        var result = await Cli.RunAsync("train", "no-such-list.tsv", "-o", "no-such-folder");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("no-such-list.tsv", result.Errors);
        Assert.DoesNotContain("   at ", result.Errors);
        Assert.False(Directory.Exists("no-such-folder"));
    }

    [Fact]
    public async Task BehindTwoDashesWordsAreValues()
    {
        var result = await Cli.RunAsync("search", "--no-indexing", "--store", "no-such.duckdb", "--", "--tpo");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Contains("There is no store", result.Errors);
    }

    [Fact]
    public async Task DefaultsAreShownAsTheyAreTyped()
    {
        var help = (await Cli.RunAsync("embed", "--help")).Output;
        Assert.Contains("[default: parquet]", help);
        Assert.Contains("[default: float32]", help);
        Assert.Contains("[default: 4096]", help);
        Assert.Contains("[default: 0.00001]", (await Cli.RunAsync("train", "--help")).Output);
    }

    /// <summary>As a separator of thousands it would make 15 of 1,5: by whatever option a number comes, it is refused.</summary>
    [Fact]
    public void NoNumberHasAComma()
    {
        List<string> asked = [];
        foreach (var path in Paths([], CommandLine.Create(new CliConsole(TextWriter.Null, TextWriter.Null))))
        {
            Assert.DoesNotContain(path.Command.Arguments, argument => IsNumber(argument.ValueType));
            foreach (var option in path.Command.Options.Where(option => IsNumber(option.ValueType)))
            {
                foreach (var number in new[] { "1,5", "0,001", "1,000", "1.000,5" })
                {
                    var errors = UsageErrors.Of(CommandLine.Create(new CliConsole(TextWriter.Null, TextWriter.Null)).Parse([.. path.Names, option.Name, number]));
                    Assert.Contains(errors, error => error.Contains(option.Name) && error.Contains($"'{number}'"));
                }
                asked.Add(option.Name);
            }
        }
        foreach (var option in new[] { "--learning-rate", "--top", "--min-score", "--shots", "--adapter-weight", "--none", "--seed" }) Assert.Contains(option, asked);
    }

    [Theory]
    [InlineData("1.5", 1.5)]
    [InlineData("1e-5", 1e-5)]
    [InlineData("-2", -2)]
    public void NumbersAreReadAsProgramsWriteThemInAnyCountry(string typed, double expected)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NumberGroupSeparator) = (",", ".");
            CultureInfo.CurrentCulture = german;
            var parsed = CommandLine.Create(new CliConsole(TextWriter.Null, TextWriter.Null)).Parse(["search", "a", "--min-score", typed]);
            Assert.Empty(UsageErrors.Of(parsed));
            Assert.Equal(expected, parsed.GetValue<double?>("--min-score"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    /// <summary>Help, the version and completions are no commands of ours.</summary>
    [Theory]
    [InlineData("--help")]
    [InlineData("classify", "--help")]
    [InlineData("--version")]
    [InlineData("[suggest:2]", "ev")]
    public async Task WhatCantBeWrittenIsSaid(params string[] arguments)
    {
        var errors = new StringWriter();
        Assert.Equal(ExitCode.Failed, await CommandLine.RunAsync(arguments, new CliConsole(new FullWriter(), errors)));
        Assert.Equal("altclip: No space left on device.", errors.ToString().Trim());
    }

    /// <summary>A letter means the same wherever it is an option.</summary>
    [Fact]
    public void ALetterHasOneMeaning()
    {
        var options = All(CommandLine.Create(new CliConsole(TextWriter.Null, TextWriter.Null))).SelectMany(command => command.Options)
            .SelectMany(option => option.Aliases.Where(alias => alias.Length == 2).Select(alias => (alias, Name: option.Name.TrimEnd('s'))));
        Assert.All(options.GroupBy(option => option.alias), letter => Assert.Single(letter.Select(option => option.Name).Distinct()));
    }

    [Theory]
    [InlineData("A value is wrong.", "A value is wrong. (Parameter 'value')")]
    [InlineData("A value is wrong.", "A value is wrong. (Parameter 'value')\nActual value was 3.")]
    [InlineData("There is no file /a b.png.", "Could not find file '/a b.png'.")]
    [InlineData("There is no permission to read or write /ro/conv.", "Access to the path '/ro/conv.0123456789abcdef0123456789abcdef.tmp.lock' is denied.")]
    [InlineData("c.json: '}' is an invalid start of a value (line 1, column 32).", "c.json: '}' is an invalid start of a value. LineNumber: 0 | BytePositionInLine: 31.")]
    [InlineData("It is wrong (line 3, column 1).", "It is wrong. Path: $.a | LineNumber: 2 | BytePositionInLine: 0.")]
    [InlineData("t.csv: it has bytes that are not UTF-8.", "t.csv: Unable to translate bytes [EF] at index 31 from specified code page to Unicode.")]
    [InlineData("There is no file /out.", "There is no file /out.0123456789abcdef0123456789abcdef.tmp.")]
    public void WhatOnlyProgrammersKnowIsLeftOut(string expected, string message) => Assert.Equal(expected, ErrorText.Of(new ArgumentException(message)));

    [Theory]
    [InlineData(0, "same", "same")]
    [InlineData(1, "same", "sam")]
    [InlineData(1, "same", "smae")]
    [InlineData(2, "same", "some-")]
    [InlineData(4, "", "four")]
    public void WrongLettersAreCounted(int expected, string a, string b)
    {
        Assert.Equal(expected, EditDistance.Between(a, b));
        Assert.Equal(expected, EditDistance.Between(b, a));
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

    [Theory]
    [InlineData("info --json ")]
    [InlineData("embed --long-ids ")]
    public async Task NothingComesBehindAFlag(string line) =>
        Assert.DoesNotContain("True", (await Cli.RunAsync($"[suggest:{line.Length}]", line)).Output);

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

    private static IEnumerable<(string[] Names, Command Command)> Paths(string[] names, Command command) =>
        command.Subcommands.SelectMany(own => Paths([.. names, own.Name], own)).Prepend((names, command));

    private static bool IsNumber(Type type) =>
        (Nullable.GetUnderlyingType(type) ?? type.GetElementType() ?? type).GetInterfaces().Any(own => own.IsGenericType && own.GetGenericTypeDefinition() == typeof(INumber<>));

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    /// <summary>A disk without room.</summary>
    private sealed class FullWriter : StringWriter
    {
        public override void Write(char value) => throw new IOException("No space left on device.");

        public override void Write(string? value) => throw new IOException("No space left on device.");

        public override void Write(char[] buffer, int index, int count) => throw new IOException("No space left on device.");

        public override void WriteLine(string? value) => throw new IOException("No space left on device.");
    }
}
