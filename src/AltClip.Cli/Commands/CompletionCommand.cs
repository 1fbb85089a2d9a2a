using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>altclip completion bash|zsh|fish|pwsh</c></summary>
internal static class CompletionCommand
{
    public static Command Create(CliConsole console)
    {
        var shell = new Argument<string>("SHELL") { Description = "The shell that completes." };
        shell.AcceptOnlyFromAmong([.. CompletionScripts.All.Keys]);
        var command = new CliCommand(
            "completion", "Prints the script that lets a shell complete altclip's commands and options with Tab.",
            "eval \"$(altclip completion bash)\"                       # in ~/.bashrc",
            "eval \"$(altclip completion zsh)\"                        # in ~/.zshrc, after compinit",
            "altclip completion fish > ~/.config/fish/completions/altclip.fish",
            "altclip completion pwsh | Out-String | Invoke-Expression # in $PROFILE")
        {
            shell,
        };
        command.SetJob(console, async (parsed, _) =>
        {
            await console.Out.WriteAsync(CompletionScripts.All[parsed.GetRequiredValue(shell)]);
            return ExitCode.Done;
        });
        return command;
    }
}
