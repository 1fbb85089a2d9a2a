using System.CommandLine;
using System.Runtime.InteropServices;

namespace AltClip.Cli;

/// <summary>A command whose help ends with examples and whose failures become exit codes, in this one place for all commands.</summary>
/// <param name="name">The command's name.</param>
/// <param name="description">What it does, in a sentence.</param>
/// <param name="examples">What may be typed, <c>altclip</c> included.</param>
internal sealed class CliCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>What may be typed, <c>altclip</c> included.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Adds the option for a model, and those for the adapters that are put into it.</summary>
    public void Add(ModelOption model)
    {
        base.Add(model);
        Add(model.Adapter);
    }

    /// <summary>Adds the option for adapters, and the one for how much of each.</summary>
    public void Add(AdapterOption adapter)
    {
        base.Add(adapter);
        base.Add(adapter.Weight);
    }

    /// <summary>
    /// Sets what the command does. What the job throws is told on the console's error side. One that is cancelled ends in order where it writes, so that
    /// nothing is lost, and else at once.
    /// </summary>
    public void SetJob(CliConsole console, Func<ParseResult, CancellationToken, Task<ExitCode>> job) => SetAction(async (parsed, cancellationToken) =>
    {
        var cancelled = new TaskCompletionSource();
        using var registration = cancellationToken.Register(() => cancelled.TrySetResult());
        // On a thread of its own, as a job may compute before it first waits.
        var running = Task.Run(() => job(parsed, cancellationToken), CancellationToken.None);
        await Task.WhenAny(running, cancelled.Task);
        if (running.IsCompleted || console.Kept is not null)
        {
            var code = await EndAsync(console, running, cancellationToken);
            if (!cancellationToken.IsCancellationRequested) return (int)code;
        }
        var kept = console.Kept?.Invoke() ?? "Stopped; nothing was written.";
        if (kept.Length > 0) console.Note(running is { IsCompletedSuccessfully: true, Result: not ExitCode.Cancelled } ? "Stopped when all was done." : kept);
        return (int)ExitCode.Cancelled;
    });

    private async Task<ExitCode> EndAsync(CliConsole console, Task<ExitCode> job, CancellationToken cancellationToken)
    {
        try
        {
            return await job;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Cancelled;
        }
        catch (UsageException e)
        {
            console.Fail($"{e.Message} {HelpHint(this)}");
            return ExitCode.WrongUsage;
        }
        catch (Exception e)
        {
            // Where a mistake of the tool's own shows itself, where it happened helps; for a wrong file or a full disk the message says all.
            console.Fail(IsExpected(e) ? ErrorText.Of(e) : e.ToString());
            return ExitCode.Failed;
        }
    }

    /// <summary>Where to read how a command is used.</summary>
    public static string HelpHint(Command command)
    {
        var names = new Stack<string>();
        for (Symbol? symbol = command; symbol is Command and not RootCommand; symbol = symbol.Parents.FirstOrDefault()) names.Push(symbol.Name);
        return $"See {string.Join(' ', names.Prepend(CliConsole.ToolName))} --help.";
    }

    /// <summary>Whether what was thrown is said by its message alone: a wrong file or a full disk, and no mistake of the tool's own.</summary>
    public static bool IsExpected(Exception e) => e is AltClipException or IOException or ArgumentException or UnauthorizedAccessException
        or DllNotFoundException or ExternalException or NotSupportedException;
}
