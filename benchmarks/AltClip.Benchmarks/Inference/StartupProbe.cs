using System.Diagnostics;
using System.Text.Json;
using AltClip.Checkpoints;
using AltClip.Inference;
using AltClip.Native;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>From process start to the first embedding, and what a process holds then.</summary>
/// <param name="Tower">The encoder that was loaded, packed and used once.</param>
/// <param name="Precision">The precision.</param>
/// <param name="FirstEmbedding">Milliseconds from the start of the process to the first embedding.</param>
/// <param name="Load">Of these, milliseconds of loading and packing.</param>
/// <param name="ResidentBytes">Resident memory after it.</param>
/// <param name="RuntimeBytes">Of these, what was there before the model: .NET and libtorch.</param>
/// <param name="WeightBytes">The encoder's weights in float32.</param>
internal sealed record StartupProbe(
    string Tower, string Precision, double FirstEmbedding, double Load, long ResidentBytes, long RuntimeBytes, long WeightBytes)
{
    public const string Name = "startup-probe";

    /// <summary>Writes the model as a checkpoint and starts a process for each precision, of which the second time counts.</summary>
    public static IEnumerable<StartupProbe> Measure(AltCLIPModel model, InferenceTowers tower)
    {
        var folder = Directory.CreateTempSubdirectory("altclip-startup-");
        try
        {
            model.SavePretrained(folder.FullName);
            foreach (var precision in Enum.GetNames<InferencePrecision>())
            {
                if (!Effort.IsQuick) Child(folder.FullName, precision, tower);
                yield return Child(folder.FullName, precision, tower);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The work of the started process: folder, precision, tower.</summary>
    public static void RunChild(string[] args)
    {
        TorchRuntime.EnsureLoaded();
        using var warm = ones(1);
        var runtime = Machine.ResidentBytes;
        var tower = Enum.Parse<InferenceTowers>(args[2]);
        var start = Stopwatch.GetTimestamp();
        using var inference = AltCLIPInference.FromPretrained(args[0], new() { Precision = Enum.Parse<InferencePrecision>(args[1]), Towers = tower });
        var load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        using var input = tower == InferenceTowers.Image ? zeros(1, 3, 224, 224) : ones(1, 16, dtype: int64);
        using (tower == InferenceTowers.Image ? inference.get_image_features(input) : inference.get_text_features(input)) { }
        var first = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;
        var prefix = tower == InferenceTowers.Image ? "vi" : "text_";
        using var weights = SafeTensors.Open(Path.Combine(args[0], "model.safetensors"));
        var bytes = weights.Tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal))
            .Sum(tensor => tensor.ElementCount * sizeof(float));
        Console.WriteLine(JsonSerializer.Serialize(
            new StartupProbe(args[2], args[1], first, load, Machine.ResidentBytes, runtime, bytes)));
    }

    private static StartupProbe Child(string folder, string precision, InferenceTowers tower) =>
        JsonSerializer.Deserialize<StartupProbe>(ChildProcess.Run(Name, folder, precision, tower.ToString()))!;
}
