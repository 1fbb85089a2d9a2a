using System.Diagnostics;
using Spectre.Console;

namespace AltClip.Cli;

/// <summary>An embedding job's progress: a bar with a rate on a terminal, a line for each part in a log.</summary>
internal static class EmbedProgressBar
{
    /// <summary>Runs the job and shows how far it is.</summary>
    public static Task<EmbedSummary> WithEmbedProgressAsync(
        this CliConsole console, string description, EmbedJob job, Func<IProgress<EmbedProgress>, Task<EmbedSummary>> run) =>
        console.Messages.Profile.Capabilities.Interactive ? WithBarAsync(console, description, job, run) : run(Lines(console, description, job));

    private static Task<EmbedSummary> WithBarAsync(
        CliConsole console, string description, EmbedJob job, Func<IProgress<EmbedProgress>, Task<EmbedSummary>> run) =>
        console.Bars(new CountColumn(), new RemainingTimeColumn(), new RateColumn(), new SpinnerColumn())
            .StartAsync(context =>
            {
                var task = context.AddTask(Markup.Escape(description), maxValue: job.Inputs);
                task.Value = job.Progress.Done;
                return run(new ImmediateProgress<EmbedProgress>(state => task.Value = state.Done));
            });

    private static ImmediateProgress<EmbedProgress> Lines(CliConsole console, string description, EmbedJob job)
    {
        var (start, before, parts) = (Stopwatch.GetTimestamp(), job.Progress.Done, job.Progress.Parts);
        return new ImmediateProgress<EmbedProgress>(state =>
        {
            if (state.Parts == parts) return;
            parts = state.Parts;
            var rate = (state.Done - before) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            console.Note($"{description}: part {parts} of {job.PartCount}, {state.Done:N0} of {job.Inputs:N0}, {state.Failed:N0} failed, {rate:F1} a second");
        });
    }
}
