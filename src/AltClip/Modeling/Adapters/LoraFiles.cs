using AltClip.Checkpoints;
using AltClip.Checkpoints.PyTorch;
using AltClip.Hub;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>An adapter's files in the layout of Python's <c>peft</c>.</summary>
internal static class LoraFiles
{
    internal const string WeightsName = "adapter_model.safetensors";
    private const string PyTorchName = "adapter_model.bin";

    /// <summary>What an adapter is read from.</summary>
    internal static HubFileGroup[] Files { get; } = [new(true, [LoraConfigFile.Name]), new(true, [WeightsName], [PyTorchName])];

    /// <summary>Writes an adapter so that <c>peft</c> applies all of it, whatever its version of transformers calls the text layers.</summary>
    public static void Save(string folder, LoraAdapter adapter)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { WeightsName, LoraConfigFile.Name }) StagedFiles.DeleteLeftOver(Path.Combine(folder, name));
        using var staged = new StagedFiles();
        using (var stream = staged.Create(Path.Combine(folder, WeightsName)))
            new SafeTensorsWriter(Tensors(adapter), new Dictionary<string, string> { ["format"] = "pt" }).Write(stream);
        staged.CreateText(Path.Combine(folder, LoraConfigFile.Name), LoraConfigFile.Text(adapter));
        staged.Commit();
    }

    /// <summary>Opens an adapter's weights. As in <c>peft</c>, safetensors count where a folder has both.</summary>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    /// <exception cref="CheckpointException">The file is malformed.</exception>
    public static ITensorSource OpenWeights(string folder)
    {
        var (safeTensors, pyTorch) = (Path.Combine(folder, WeightsName), Path.Combine(folder, PyTorchName));
        return !File.Exists(safeTensors) && File.Exists(pyTorch) ? PyTorchCheckpoint.Open(pyTorch) : SafeTensors.Open(safeTensors);
    }

    /// <summary>
    /// The tensors by their names in the file. <c>peft</c> finds the small matrices of text layers under either version's names; of tensors that
    /// replace the model's each version takes the one it knows and passes the other over.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, Tensor>> Tensors(LoraAdapter adapter)
    {
        var adapted = adapter.LayerNames.ToHashSet();
        foreach (var (name, parameter) in adapter.named_parameters()) yield return KeyValuePair.Create(LoraTensorName.Prefix + name, (Tensor)parameter);
        foreach (var (name, value) in adapter.Whole.Parameters)
        {
            var inFile = LoraTensorName.Of(name, adapted.Contains(name[..Math.Max(0, name.LastIndexOf('.'))]));
            yield return KeyValuePair.Create(inFile, value);
            if (LoraTextLayers.IsIn(name)) yield return KeyValuePair.Create(LoraTextLayers.From56On(inFile), value);
        }
    }
}
