using System.Globalization;
using AltClip.Inference;
using AltClip.Inference.Kernels;
using AltClip.Native;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>Times every kernel that supports this machine at every work and in every precision, beside the one that is chosen.</summary>
internal static class KernelsBenchmark
{
    internal static void Run(string[] args)
    {
        var arguments = BenchmarkArguments.Parse(args);
        TorchRuntime.EnsureLoaded();
        using var noGrad = no_grad();
        var bandwidth = MemoryRate.Measure();
        List<string> lines = [Text($"{Machine.Processor} ({Machine.Kind}), {get_num_threads()} threads, memory read at {bandwidth:f1} GB/s."), ""];
        foreach (var tower in new[] { "image", "text" })
        {
            if (arguments.Only is not null && arguments.Only != tower) continue;
            lines.AddRange([Text($"| {tower} | kernel | computes in |{Columns(tower)}"), Text($"| --- | --- | --- |{string.Concat(Enumerable.Repeat(" ---: |", Works(tower).Count()))}")]);
            using var model = BenchmarkModels.Build(tower);
            foreach (var precision in Enum.GetValues<InferencePrecision>()) lines.AddRange(Rows(tower, model, precision, bandwidth, arguments.Rounds));
            lines.Add("");
        }
        foreach (var line in lines) Console.WriteLine(line);
        if (arguments.Report is not { } folder) return;
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "kernels.md"), lines);
    }

    private static IEnumerable<string> Rows(string tower, AltCLIPModel model, InferencePrecision precision, double bandwidth, int rounds)
    {
        var towers = tower == "image" ? InferenceTowers.Image : InferenceTowers.Text;
        var encoder = tower == "image" ? EncoderSpec.Image(model) : EncoderSpec.Text(model);
        using var chosenOne = model.ForInference(new() { Precision = precision, Towers = towers });
        var chosen = chosenOne.TextKernel ?? chosenOne.ImageKernel;
        var kernels = EncoderKernels.Supported(encoder, precision, CPU).Select(kernel => kernel.Name)
            .Select(name => (Name: name, Model: name == chosen ? chosenOne : model.ForInference(new() { Precision = precision, Towers = towers, Kernel = name })))
            .ToList();
        var timings = Works(tower).Select(work =>
        {
            using (work)
                return Contest.Run($"{work.Title} {precision}", [.. kernels.Select(kernel => new Contestant(kernel.Name, () => work.Embed(kernel.Model).Dispose()))], rounds);
        }).ToList();
        for (var i = 0; i < kernels.Count; i++)
        {
            var (name, packed) = kernels[i];
            var isChosen = name == chosen;
            // The layers' weights, each read once a call: what few rows are bound by.
            var bytes = (BenchmarkModels.Layers - 1) * 12.0 * BenchmarkModels.Width * BenchmarkModels.Width * BytesOf(precision);
            var cells = timings.Select((work, j) =>
            {
                var over = isChosen ? Text($", {work[i].Least / work.Min(one => one.Least):f2}x the best") : "";
                var rate = tower == "text" && j == 0 ? Text($", {bytes / work[i].Least / 1e6:f1} GB/s ({bytes / work[i].Least / 1e6 / bandwidth:p0})") : "";
                return Text($" {work[i].Least:f1}{over}{rate} |");
            });
            yield return Text($"| {precision} | {(isChosen ? $"**{name}**, chosen" : name)} | {packed.TextPrecision ?? packed.ImagePrecision} |{string.Concat(cells)}");
            if (!isChosen) packed.Dispose();
        }
    }

    private static IEnumerable<TowerWork> Works(string tower) => tower == "image"
        ? [new ImageWork(1), new ImageWork(8)]
        : [new TextWork("text B=1 L=16", [16]), new TextWork("text B=32 L=32", [.. Enumerable.Repeat(32, 32)])];

    private static string Columns(string tower) => string.Concat(Works(tower).Select(work =>
    {
        using (work) return $" {work.Title}, ms |";
    }));

    private static double BytesOf(InferencePrecision precision) => precision switch
    {
        InferencePrecision.Float32 => 4,
        InferencePrecision.BFloat16 => 2,
        _ => 1,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
