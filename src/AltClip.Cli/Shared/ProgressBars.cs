using Spectre.Console;

namespace AltClip.Cli;

/// <summary>Progress on the console's error side: a bar on a terminal, a line now and then in a file.</summary>
internal static class ProgressBars
{
    /// <summary>Does a job of a known number of steps.</summary>
    /// <param name="console">The console.</param>
    /// <param name="description">What is done, as "Embedding pictures".</param>
    /// <param name="total">How many steps there are; null if that is not known.</param>
    /// <param name="job">Does it, and says how many steps are done.</param>
    public static Task<T> WithProgressAsync<T>(this CliConsole console, string description, int? total, Func<IProgress<int>, Task<T>> job) =>
        console.Bars(new CountColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(Markup.Escape(description), maxValue: total ?? 1);
                task.IsIndeterminate = total is null;
                return job(new ImmediateProgress<int>(done => task.Value = done));
            });

    /// <summary>Bars that are gone when all is done.</summary>
    /// <param name="console">The console.</param>
    /// <param name="behind">What stands behind a bar; of that the later ones are left out where a terminal is too narrow.</param>
    public static Progress Bars(this CliConsole console, params ProgressColumn[] behind) =>
        console.Messages.Progress().AutoClear(true).Columns(new FittedColumn(behind));

    /// <summary>Does a job of unknown length; a terminal shows that it is under way.</summary>
    public static Task<T> WithStatusAsync<T>(this CliConsole console, string description, Func<Task<T>> job) =>
        console.Messages.Profile.Capabilities.Interactive
            ? console.Messages.Status().StartAsync(Markup.Escape(description), _ => job())
            : job();
}
