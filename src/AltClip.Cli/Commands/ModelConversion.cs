using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Configuration;
using AltClip.Modeling;
using AltClip.Modeling.Adapters;
using AltClip.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>Writes a model's folder anew: weights and configuration in another type, and the files that go with them as they are.</summary>
/// <param name="source">The model's folder.</param>
/// <param name="adapters">The adapters that are put into its weights.</param>
/// <param name="dtype">The type; null for the one that it has.</param>
/// <param name="shardSize">The most bytes of one weights file.</param>
internal sealed class ModelConversion(string source, IReadOnlyList<AdapterSource> adapters, ScalarType? dtype, long shardSize)
{
    private const string ConfigName = "config.json";
    private static readonly string[] TokenizerNames = ["tokenizer.json", "sentencepiece.bpe.model"];
    private static readonly string[] KeptExtensions = [".json", ".txt", ".model", ".md", ""];

    /// <summary>What the source has that the model has no place for, once it is written; it isn't written.</summary>
    public LoadReport? Report { get; private set; }

    /// <summary>Makes a folder, which appears when it is complete.</summary>
    /// <param name="folder">The folder; it may be there if it is empty.</param>
    /// <param name="cancellationToken">Stops; nothing is left then.</param>
    public void WriteNew(string folder, CancellationToken cancellationToken) => NewFolder.Write(folder, beside => WriteInto(beside, cancellationToken));

    /// <summary>Writes into a folder. All files are written beside those that they replace, and then moved over them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancellationToken">Stops before any is moved; the folder has what it had then.</param>
    public void WriteInto(string folder, CancellationToken cancellationToken)
    {
        using var model = Load();
        Report = model.LoadReport;
        cancellationToken.ThrowIfCancellationRequested();
        // All of it is written before any is moved: a process that ends meanwhile leaves no new tokenizer with old weights.
        using var staged = new StagedFiles(isSoleWriter: true);
        StageTokenizer(folder, staged);
        foreach (var (file, target) in Directory.EnumerateFiles(source).Where(IsKept).Select(file => (file, Path.Combine(folder, Path.GetFileName(file)))))
        {
            if (!staged.Has(target)) staged.Copy(file, target);
        }
        model.SavePretrained(folder, shardSize, staged, cancellationToken);
        // In another type the model's cosines are the same but for rounding; with adapters it is another model.
        if (adapters.Count == 0) RejectionThreshold.FromPretrained(source)?.SavePretrained(folder);
    }

    /// <summary>As a saved model has it: with a <c>tokenizer.json</c>. A tokenizer that is not read here stays as it was copied.</summary>
    private void StageTokenizer(string folder, StagedFiles staged)
    {
        if (!TokenizerNames.Any(name => File.Exists(Path.Combine(source, name)))) return;
        XLMRobertaTokenizer tokenizer;
        try
        {
            tokenizer = XLMRobertaTokenizer.FromPretrained(source);
        }
        catch (TokenizerException)
        {
            return;
        }
        tokenizer.Stage(folder, staged);
    }

    private AltCLIPPreTrainedModel Load()
    {
        var type = dtype ?? WeightsReport.DtypeOf(CheckpointInfo.Read(source));
        if (adapters.Count == 0) return Load(type);
        // In full precision first, so that only the sum is rounded.
        var model = Load(ScalarType.Float32);
        try
        {
            LoraAdapter.MergePretrained(model, adapters);
            model.to(type);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    // Each class refuses by name what is not its own.
    private AltCLIPPreTrainedModel Load(ScalarType type) => ModelType() switch
    {
        AltCLIPTextConfig.Type => AltCLIPTextModel.FromPretrained(source, type),
        AltCLIPVisionConfig.Type => AltCLIPVisionModel.FromPretrained(source, type),
        _ => AltCLIPModel.FromPretrained(source, type),
    };

    private string? ModelType()
    {
        var path = Path.Combine(source, ConfigName);
        return File.Exists(path) && JsonNode.Parse(HalfSave.ReadConfig(path)) is JsonObject config
            && config["model_type"] is JsonValue value && value.TryGetValue(out string? type) ? type : null;
    }

    /// <summary>Tokenizer, image settings, licence and description; the rest is weights, which are written, or none of the model's.</summary>
    private static bool IsKept(string path)
    {
        var name = Path.GetFileName(path);
        return !name.StartsWith('.') && name is not (ConfigName or RejectionThreshold.FileName) && !name.EndsWith(".index.json", StringComparison.Ordinal)
            && KeptExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
    }
}
