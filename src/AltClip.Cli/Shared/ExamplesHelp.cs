using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

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
        var code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not CliCommand { Examples: { Count: > 0 } examples }) return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples) output.WriteLine($"  {example}");
        return code;
    }
}
