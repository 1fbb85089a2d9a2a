using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using System.Text.RegularExpressions;

namespace AltClip.Cli;

/// <summary>Help whose last section is the command's examples. On a narrow terminal lines end between words.</summary>
/// <param name="help">The help without them.</param>
/// <param name="console">Where it goes.</param>
internal sealed partial class ExamplesHelp(HelpAction help, CliConsole console) : SynchronousCommandLineAction
{
    /// <summary>Takes the place of the help of a root command and of all below it.</summary>
    public static void AddTo(RootCommand root, CliConsole console)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        // Paths on Unix look like these.
        option.Aliases.Remove("/h");
        option.Aliases.Remove("/?");
        var help = (HelpAction)option.Action!;
        // It would break words.
        help.MaxWidth = int.MaxValue;
        option.Action = new ExamplesHelp(help, console);
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var (code, text) = WithDefaultsAsTyped(parseResult);
        Write(text);
        if (parseResult.CommandResult.Command is not CliCommand { Examples: { Count: > 0 } examples }) return code;
        // Each in one piece, to be copied.
        console.Out.WriteLine("Examples:");
        foreach (var example in examples) console.Out.WriteLine($"  {example}");
        return code;
    }

    /// <summary>The help, in which the defaults of choices and numbers are written as they are typed, and not as C# writes them.</summary>
    private (int Code, string Help) WithDefaultsAsTyped(ParseResult parseResult)
    {
        var (output, text) = (parseResult.InvocationConfiguration.Output, new StringWriter());
        parseResult.InvocationConfiguration.Output = text;
        var code = help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        foreach (var option in parseResult.CommandResult.Command.Options.Where(option => option.ValueType.IsEnum && option.HasDefaultValue))
            text.GetStringBuilder().Replace($"[default: {option.GetDefaultValue()}]", $"[default: {option.GetDefaultValue()?.ToString()?.ToLowerInvariant()}]");
        foreach (var option in parseResult.CommandResult.Command.Options.Where(option => option.ValueType == typeof(double) && option.HasDefaultValue))
            text.GetStringBuilder().Replace($"[default: {option.GetDefaultValue()}]", string.Create(CultureInfo.InvariantCulture, $"[default: {option.GetDefaultValue():0.####################}]"));
        return (code, text.ToString());
    }

    /// <summary>Writes the help's lines, each section's names with what is said of them in columns or below each other.</summary>
    private void Write(string text)
    {
        List<(string, string)> facts = [];
        foreach (var line in text.ReplaceLineEndings("\n")[..^1].Split('\n'))
        {
            if (Fact().Match(line) is { Success: true } fact)
            {
                facts.Add((fact.Groups["name"].Value, fact.Groups["said"].Value));
                continue;
            }
            WriteFacts();
            console.Say(line);
        }
        WriteFacts();

        void WriteFacts()
        {
            if (facts.Count > 0) console.Results.Write(new FactList(facts));
            facts = [];
        }
    }

    [GeneratedRegex(@"^(?<name>  \S.*?)  +(?<said>\S.*)$")]
    private static partial Regex Fact();
}
