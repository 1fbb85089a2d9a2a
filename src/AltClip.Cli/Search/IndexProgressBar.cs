using AltClip.Search;
using Spectre.Console;

namespace AltClip.Cli;

/// <summary>Progress of indexing, whose length is known once the folder is listed.</summary>
internal static class IndexProgressBar
{
    public static Task<ImageIndexReport> IndexAsync(
        this CliConsole console, ImageIndexer indexer, string folder, CancellationToken cancellationToken) => console.Messages.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new CountColumn(), new RemainingTimeColumn(), new SpinnerColumn())
        .StartAsync(context =>
        {
            var bar = context.AddTask(Markup.Escape($"Indexing {Path.GetFileName(folder)}"));
            bar.IsIndeterminate = true;
            return indexer.IndexAsync(folder, new ImmediateProgress<ImageIndexProgress>(step =>
            {
                (bar.IsIndeterminate, bar.MaxValue, bar.Value) = (false, step.Total, step.Done);
            }), cancellationToken);
        });
}
