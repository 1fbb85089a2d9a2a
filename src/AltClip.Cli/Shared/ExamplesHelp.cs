using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;

namespace AltClip.Cli;

/// <summary>Help whose last section is the command's examples.</summary>
/// <param name="help">The help without them.</param>
internal sealed class ExamplesHelp(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>Takes the place of the help of a root command and of all below it.</summary>
    public static void AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        // Paths on Unix look like these.
        option.Aliases.Remove("/h");
        option.Aliases.Remove("/?");
        option.Action = new ExamplesHelp((HelpAction)option.Action!);
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = WithDefaultsAsTyped(parseResult);
        if (parseResult.CommandResult.Command is not CliCommand { Examples: { Count: > 0 } examples }) return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples) output.WriteLine($"  {example}");
        return code;
    }

    /// <summary>The help, in which the defaults of choices are written as they are typed, and not as C# calls them.</summary>
    private int WithDefaultsAsTyped(ParseResult parseResult)
    {
        var (output, text) = (parseResult.InvocationConfiguration.Output, new StringWriter());
        parseResult.InvocationConfiguration.Output = text;
        var code = help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        // On a narrow terminal the two may stand on two lines.
        output.Write(parseResult.CommandResult.Command.Options.Where(option => option.ValueType.IsEnum && option.HasDefaultValue).Aggregate(text.ToString(), (help, option) =>
            Regex.Replace(help, $@"(?<=\[default:\s+){option.GetDefaultValue()}(?=\])", option.GetDefaultValue()!.ToString()!.ToLowerInvariant())));
        return code;
    }
}
