using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using AltClip.Cli.Commands;

namespace AltClip.Cli;

/// <summary>The tool's commands, and how what was typed is run.</summary>
internal static class CommandLine
{
    /// <summary>The root command with all others.</summary>
    public static RootCommand Create(CliConsole console)
    {
        var root = new RootCommand("Compares pictures with texts in 100 languages (AltCLIP, arXiv 2211.06679).")
        {
            ClassifyCommand.Create(console),
            IndexCommand.Create(console),
            SearchCommand.Create(console),
            DuplicatesCommand.Create(console),
            SortCommand.Create(console),
            InfoCommand.Create(console),
            ConvertCommand.Create(console),
            QuantizeCommand.Create(console),
            ExportCommand.Create(console),
            ExplainCommand.Create(console),
            EvaluateCommand.Create(console),
            CalibrateCommand.Create(console),
            TrainCommand.Create(console),
            CompletionCommand.Create(console),
            EmbedCommand.Create(console),
            DownloadCommand.Create(console),
        };
        root.HelpName = CliConsole.ToolName;
        NumberOptions.ReadNumbers(root);
        RefuseEmpty(root);
        ExamplesHelp.AddTo(root, console);
        // Shells would offer True and False behind options that are given without a value.
        foreach (var flag in Flags(root)) flag.CompletionSources.Clear();
        return root;
    }

    /// <summary>Runs what was typed; says on the console's error side what is wrong with it.</summary>
    public static async Task<ExitCode> RunAsync(IReadOnlyList<string> arguments, CliConsole console, CancellationToken cancellationToken = default)
    {
        // A label or a text may begin with @; where files of paths are taken, the command itself reads them.
        var parsed = Create(console).Parse(arguments, new() { ResponseFileTokenReplacer = null });
        var invocation = new InvocationConfiguration
        {
            Output = console.Out,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // see Interruption
        };
        var isJob = parsed.Action == parsed.CommandResult.Command.Action;
        if (parsed.Action is not ParseErrorAction && (!isJob || UsageErrors.Of(parsed).Count == 0))
        {
            try
            {
                return (ExitCode)await parsed.InvokeAsync(invocation, cancellationToken);
            }
            // Of help, the version and completions, which are no jobs of commands.
            catch (Exception e) when (CliCommand.IsExpected(e))
            {
                console.Fail(ErrorText.Of(e));
                return ExitCode.Failed;
            }
        }

        foreach (var message in UsageErrors.Of(parsed)) console.Fail(message);
        foreach (var word in arguments.Where(word => word.StartsWith('-') && File.Exists(word))) console.Note($"The file {word} is typed as {Path.Join(".", word)}.");
        if (arguments.Count == 0) console.List(parsed.CommandResult.Command.Subcommands.Select(command => (command.Name, command.Description ?? "")));
        console.Note(CliCommand.HelpHint(parsed.CommandResult.Command));
        return ExitCode.WrongUsage;
    }

    /// <summary>Has options and arguments of a command, and of all below it, refuse texts without a letter, which name nothing.</summary>
    private static void RefuseEmpty(Command command)
    {
        foreach (var option in command.Options.Where(option => IsText(option.ValueType)))
            option.Validators.Add(result => Refuse(result, result.Tokens, option.Name));
        foreach (var argument in command.Arguments.Where(argument => IsText(argument.ValueType)))
            argument.Validators.Add(result => Refuse(result, result.Tokens, argument.Name));
        foreach (var below in command.Subcommands) RefuseEmpty(below);

        static bool IsText(Type type) => type == typeof(string) || type == typeof(string[]);

        static void Refuse(SymbolResult result, IReadOnlyList<Token> tokens, string name)
        {
            if (tokens.Any(token => token.Value.Length == 0)) result.AddError($"A value of {name} is empty.");
        }
    }

    private static IEnumerable<Option> Flags(Command command) => command.Options.OfType<Option<bool>>().Concat(command.Subcommands.SelectMany(Flags));
}
