using AltClip.Training;
using Spectre.Console;

namespace AltClip.Cli.Commands;

/// <summary>How a run goes, on the console's error side: a bar with the loss on a terminal, else twenty lines or so.</summary>
internal sealed class TrainingDisplay : IDisposable
{
    private const int Lines = 20;

    private readonly CliConsole _console;
    private readonly long _steps;
    private readonly TaskCompletionSource _done = new();
    private readonly ProgressTask? _bar;
    private readonly Task? _live;

    public TrainingDisplay(CliConsole console, long steps)
    {
        (_console, _steps) = (console, steps);
        if (!console.Messages.Profile.Capabilities.Interactive) return;
        var started = new TaskCompletionSource<ProgressTask>();
        _live = console.Bars(new CountColumn(), new RemainingTimeColumn())
            .StartAsync(context =>
            {
                started.SetResult(context.AddTask("training", maxValue: steps));
                return _done.Task;
            });
        _bar = started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Shows a step.</summary>
    public void Show(TrainingProgress progress)
    {
        if (_bar is not null)
        {
            _bar.Description = $"loss {progress.Loss:F4}";
            _bar.Value = progress.Step;
        }
        else if (progress.Step == _steps || progress.Step % Math.Max(1, _steps / Lines) == 0)
        {
            var left = $@"{(int)progress.Remaining.TotalHours}:{progress.Remaining:mm\:ss}";
            _console.Error.WriteLine($"step {progress.Step} of {progress.Steps}: loss {progress.Loss:F4}, {left} left");
        }
    }

    public void Dispose()
    {
        _done.TrySetResult();
        _live?.GetAwaiter().GetResult();
    }
}
