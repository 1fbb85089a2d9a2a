namespace AltClip.Cli.Commands;

/// <summary>What computes a model here, when a precision is asked for.</summary>
internal sealed record KernelReport(
    string Precision, string? TextKernel, string? TextPrecision, string? ImageKernel, string? ImagePrecision, bool IsTextCalibrated,
    bool IsImageCalibrated)
{
    /// <summary>Loads a model in each precision.</summary>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="AltClipException">A file can't be read.</exception>
    public static Task<IReadOnlyList<KernelReport>> ReadAsync(string folder, CliConsole console, CancellationToken cancellationToken) =>
        console.WithStatusAsync("Packing", () => Task.Run(() => Read(folder, cancellationToken), cancellationToken));

    private static IReadOnlyList<KernelReport> Read(string folder, CancellationToken cancellationToken)
    {
        var reports = new List<KernelReport>();
        foreach (var precision in Enum.GetValues<InferencePrecision>())
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var model = AltCLIPInference.FromPretrained(folder, new() { Precision = precision });
            reports.Add(new(
                precision.ToString(), model.TextKernel, model.TextPrecision?.ToString(), model.ImageKernel, model.ImagePrecision?.ToString(),
                model.IsTextCalibrated, model.IsImageCalibrated));
        }
        return reports;
    }
}
