using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Configuration;
using AltClip.Hub;
using AltClip.Native;
using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>Fills a model from a checkpoint, and writes one.</summary>
internal static class Pretrained
{
    /// <summary>The most bytes of one weights file if the caller doesn't say: transformers' 5 GB.</summary>
    public const long DefaultShardSize = 5_000_000_000;

    /// <summary>What a model is read from.</summary>
    public static HubFileGroup[] Files { get; } =
        [.. ConfigFile.Files, new(true, [.. CheckpointFiles.Names.Select(name => new[] { name })])];

    /// <summary>Makes a model and fills it from its folder's weights, which are opened once.</summary>
    /// <param name="location">Where the model is.</param>
    /// <param name="withoutWeights">Makes it from its folder, to be filled.</param>
    /// <param name="names">See <see cref="StateNames"/>.</param>
    /// <param name="dtype">The weights' type; the file's are converted.</param>
    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <param name="asStored">
    /// Which parameters keep the file's type, each in a map of its own, so that it can outlive the others; null for none.
    /// </param>
    public static TModel Load<TModel>(
        PretrainedSource location, Func<string, TModel> withoutWeights, Func<IReadOnlyCollection<string>, Func<string, string?>> names,
        ScalarType dtype, Device? device, Func<string, bool>? asStored = null)
        where TModel : nn.Module
    {
        if (!is_floating_point(dtype)) throw new ArgumentException($"The type is {dtype}; expected floating point.", nameof(dtype));
        var folder = location.Locate(Files);
        TorchRuntime.EnsureLoaded();
        var model = withoutWeights(folder);
        try
        {
            using var source = CheckpointFiles.Open(folder);
            Fill(model, source, names(source.Names), dtype, device ?? CPU, asStored);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public static void Save(AltCLIPPreTrainedModel model, string architecture, string configJson, string folder, long maxShardSize)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardSize);
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        var config = SavedConfig(configJson, architecture, DTypeName(parameters.Values.First().dtype));
        CheckpointWriter.Save(
            folder, parameters, maxShardSize, new Dictionary<string, string> { ["format"] = "pt" },
            new Dictionary<string, string> { [ConfigFile.Name] = config });
    }

    /// <summary>What changes with the weights: their class and type. transformers 5 says the type as <c>dtype</c>, 4 as <c>torch_dtype</c>.</summary>
    private static string SavedConfig(string json, string architecture, string dtype)
    {
        var config = JsonNode.Parse(json)!.AsObject();
        config["architectures"] = new JsonArray(architecture);
        JsonObject[] parts = [config, .. config.Select(entry => entry.Value).OfType<JsonObject>()];
        foreach (var part in parts.Where(part => part.ContainsKey("dtype"))) part["dtype"] = dtype;
        foreach (var part in parts.Where(part => part.ContainsKey("torch_dtype"))) part["torch_dtype"] = dtype;
        if (!config.ContainsKey("dtype")) config["torch_dtype"] = dtype;
        return config.ToJsonString(ConfigJson.Options);
    }

    private static void Fill(
        nn.Module model, ITensorSource source, Func<string, string?> modelName, ScalarType dtype, Device device, Func<string, bool>? asStored)
    {
        var slots = ParameterSlots.Of(model).ToDictionary(slot => slot.Name);
        var found = source.Names.Select(name => (InFile: name, InModel: modelName(name))).Where(pair => pair.InModel is not null).ToList();
        Compare(source, slots, found!);
        using var scope = NewDisposeScope();
        foreach (var (inFile, inModel) in found)
        {
            if (asStored?.Invoke(inModel!) == true)
            {
                slots[inModel!].Set(Skeleton.Parameter(source.ReadAlone(inFile)));
                continue;
            }
            using var stored = source.Read(inFile);
            slots[inModel!].Set(Skeleton.Parameter(stored.to(dtype, device).contiguous()));
        }
        // The parameters are there already; this tells TorchSharp's modules, which otherwise would not move back.
        if (device.type != DeviceType.CPU) model.to(device);
    }

    private static void Compare(ITensorSource source, Dictionary<string, ParameterSlot> slots, List<(string InFile, string InModel)> found)
    {
        var given = found.Select(pair => pair.InModel).ToHashSet();
        List<string> problems =
        [
            .. slots.Keys.Where(name => !given.Contains(name)).Select(name => $"missing: {name}"),
            .. found.Where(pair => !slots.ContainsKey(pair.InModel)).Select(pair => $"unexpected: {pair.InFile}"),
            .. found.Where(pair => slots.TryGetValue(pair.InModel, out var slot) && !source.Describe(pair.InFile).Shape.SequenceEqual(slot.Shape))
                .Select(pair => $"{pair.InFile} has shape [{string.Join(", ", source.Describe(pair.InFile).Shape)}]; expected {Check.Text(slots[pair.InModel].Shape)}"),
        ];
        if (problems.Count > 0)
            throw CheckpointException.StateMismatch(source.Location, problems);
    }

    private static string DTypeName(ScalarType dtype) => dtype switch
    {
        ScalarType.Float16 => "float16",
        ScalarType.BFloat16 => "bfloat16",
        ScalarType.Float64 => "float64",
        _ => "float32",
    };
}
