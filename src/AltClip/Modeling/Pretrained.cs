using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Configuration;
using AltClip.Hub;
using AltClip.Modeling.Adapters;
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
    public static HubFileGroup[] Files(string? variant = null) =>
        [.. ConfigFile.Files, new(true, [.. CheckpointFiles.Names(variant).Select(name => new[] { name })])];

    /// <summary>Makes a model and fills it from its folder's weights, which are opened once.</summary>
    /// <param name="location">Where the model is.</param>
    /// <param name="withoutWeights">Makes it from its folder, to be filled, and holds its configuration against the weights first.</param>
    /// <param name="names">See <see cref="StateNames"/>.</param>
    /// <param name="options">Which weights, and how they are taken.</param>
    public static TModel Load<TModel>(
        PretrainedSource location, Func<string, WeightsBound, TModel> withoutWeights, Func<IReadOnlyCollection<string>, Func<string, string?>> names,
        LoadOptions options)
        where TModel : nn.Module
    {
        TorchRuntime.EnsureLoaded();
        if (!is_floating_point(options.Dtype)) throw new ArgumentException($"The type is {options.Dtype}; expected floating point.", "dtype");
        var folder = location.Locate(Files(options.Variant));
        var (opened, model) = Open(folder, withoutWeights, options);
        using var weights = opened;
        try
        {
            options.Beside?.ThrowIfChanged();
            var report = Fill(model, weights.Source, names, options);
            if (weights.Source.Written is { } written) throw FolderStamp.Error(written);
            if (model is AltCLIPPreTrainedModel own) own.LoadReport = report;
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads the configuration and opens the weights, both of one save.</summary>
    private static (WeightsBound Weights, TModel Model) Open<TModel>(string folder, Func<string, WeightsBound, TModel> withoutWeights, LoadOptions options)
        where TModel : nn.Module
    {
        // Where a save is under way, the weights say which configuration is theirs.
        var isSaved = File.Exists(Path.Combine(folder, HalfSave.NoteOf(ConfigFile.Name)));
        return FolderStamp.ReadTogether(folder, isSaved ? [.. ConfigFile.Names, .. CheckpointFiles.Names(options.Variant)] : ConfigFile.Names, stamp =>
        {
            var weights = new WeightsBound(folder, options.Variant);
            TModel? model = null;
            try
            {
                model = withoutWeights(folder, weights);
                _ = weights.Source;
                stamp.ThrowIfChanged();
                return (weights, model);
            }
            catch
            {
                model?.Dispose();
                weights.Dispose();
                throw;
            }
        });
    }

    /// <summary>What loading would report, without reading weights. Whether all is there is not looked at.</summary>
    public static LoadReport Inspect<TModel>(
        string folder, Func<string, WeightsBound, TModel> withoutWeights, Func<IReadOnlyCollection<string>, Func<string, string?>> names, string? variant)
        where TModel : nn.Module
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        // Not a model's id: reading the configuration of one would ask the Hub.
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}; expected one with {ConfigFile.Name} and weights.");
        TorchRuntime.EnsureLoaded();
        using var weights = new WeightsBound(folder, variant);
        using var model = withoutWeights(folder, weights);
        return new CheckpointFit(weights.Source, ParameterSlots.Of(model).ToDictionary(slot => slot.Name), names).Report;
    }

    public static void Save(AltCLIPPreTrainedModel model, string architecture, string configJson, string folder, long maxShardSize,
        StagedFiles? first, CancellationToken cancellationToken)
    {
        model.ThrowIfDisposed();
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxShardSize);
        LoraLayer.RefuseUnmerged(model);
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        var config = SavedConfig(configJson, architecture, DTypeName(parameters.Values.First().dtype));
        CheckpointWriter.Save(
            folder, parameters, maxShardSize, new Dictionary<string, string> { ["format"] = "pt" },
            new Dictionary<string, string> { [ConfigFile.Name] = config }, first, cancellationToken);
        RejectionThreshold.Delete(folder);
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

    private static LoadReport Fill(
        nn.Module model, ITensorSource source, Func<IReadOnlyCollection<string>, Func<string, string?>> names, LoadOptions options)
    {
        var slots = ParameterSlots.Of(model).ToDictionary(slot => slot.Name);
        var fit = new CheckpointFit(source, slots, names);
        fit.Check(options.Strict);
        var device = options.Device ?? CPU;
        using var scope = NewDisposeScope();
        foreach (var (inFile, inModel) in fit.Used)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            var outliving = options.Outliving is { } weights && weights.Has(inModel) ? weights : null;
            if (outliving?.TakeRows is { } takeRows && source.Rows(inFile) is { } rows)
            {
                takeRows(rows);
                continue;
            }
            using var stored = source.Read(inFile);
            var dtype = outliving is null ? options.Dtype : outliving.Dtype ?? stored.dtype;
            slots[inModel].Set(Skeleton.Parameter(stored.to(dtype, device, copy: !options.Mapped || outliving is not null).contiguous()));
        }
        // The parameters are there already; this tells TorchSharp's modules, which otherwise would not move back.
        if (device.type != DeviceType.CPU) model.to(device);
        return fit.Report;
    }

    private static string DTypeName(ScalarType dtype) => dtype switch
    {
        ScalarType.Float16 => "float16",
        ScalarType.BFloat16 => "bfloat16",
        ScalarType.Float64 => "float64",
        _ => "float32",
    };
}
