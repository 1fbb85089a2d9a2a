using AltClip.Search;
using Spectre.Console;

namespace AltClip.Cli;

/// <summary>Progress of indexing, whose length is known once the folder is listed.</summary>
internal static class IndexProgressBar
{
    public static Task<ImageIndexReport> IndexAsync(
        this CliConsole console, ImageIndexer indexer, string folder, CancellationToken cancellationToken) => console.WithImageProgressAsync(
            $"Indexing {TerminalText.ShownName(Path.GetFileName(folder))}", progress => indexer.IndexAsync(folder, progress, cancellationToken));

    /// <summary>Does a job with pictures whose number is known once they are listed.</summary>
    public static Task<T> WithImageProgressAsync<T>(this CliConsole console, string description, Func<IProgress<ImageIndexProgress>, Task<T>> job) =>
        console.Bars(new CountColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(context =>
            {
                var bar = context.AddTask(Markup.Escape(description));
                bar.IsIndeterminate = true;
                return job(new ImmediateProgress<ImageIndexProgress>(step =>
                {
                    (bar.IsIndeterminate, bar.MaxValue, bar.Value) = (false, step.Total, step.Done);
                }));
            });
}
