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
        var (config, text) = (Path.Combine(folder, LoraConfigFile.Name), LoraConfigFile.Text(adapter));
        using var staged = new StagedFiles(isSoleWriter: true);
        staged.CreateText(config, text);
        using (var stream = staged.Create(Path.Combine(folder, WeightsName)))
            new SafeTensorsWriter(Tensors(adapter), new Dictionary<string, string> { ["format"] = "pt" }).Write(stream);
        // The configuration that is there counts until the weights are moved.
        HalfSave.Begin(config, text, new[] { WeightsName, PyTorchName }.FirstOrDefault(name => File.Exists(Path.Combine(folder, name))));
        staged.Commit();
        HalfSave.End(config);
    }

    /// <summary>Reads an adapter's configuration and opens its weights, both of one save.</summary>
    public static (LoraConfig Config, ITensorSource Weights) Open(string folder) => FolderStamp.ReadTogether(
        folder, [LoraConfigFile.Name, HalfSave.NoteOf(LoraConfigFile.Name), WeightsName, PyTorchName], stamp =>
        {
            var config = LoraConfigFile.Read(folder);
            var weights = OpenWeights(folder);
            try
            {
                stamp.ThrowIfChanged();
                return (config, weights);
            }
            catch
            {
                weights.Dispose();
                throw;
            }
        });

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
