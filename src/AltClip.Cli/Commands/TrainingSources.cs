using System.Globalization;
using AltClip.Modeling;
using AltClip.Modeling.Adapters;

namespace AltClip.Cli.Commands;

/// <summary>What a run reads, which tells runs apart by what it is and not by how it was typed.</summary>
/// <param name="Data">The data, as the command takes it.</param>
/// <param name="Examples">A fingerprint of what was read from it.</param>
/// <param name="Model">The folder of the model that it starts from.</param>
/// <param name="Adapters">The adapters that are put into that, in folders.</param>
/// <param name="Teacher">The teacher's folder; null for none.</param>
/// <param name="Validation">What is measured; null for nothing.</param>
internal sealed record TrainingSources(
    string Data, string Examples, string Model, IReadOnlyList<AdapterSource> Adapters, string? Teacher, ValidationRequest? Validation)
{
    private const string None = "none";

    /// <summary>Puts a line for each to what must be the same when the run goes on.</summary>
    /// <exception cref="IOException">A file can't be read.</exception>
    public IReadOnlyDictionary<string, string> AddTo(IReadOnlyDictionary<string, string> settings) => new Dictionary<string, string>(settings)
    {
        ["data"] = DataFingerprint.Of(Data),
        ["examples"] = Examples,
        // Weights come from the checkpoint, but not those that adapters are trained for, nor the tokenizer.
        ["--model"] = ModelFingerprint.OfWhole(Model, [.. Pretrained.Files(), .. AltCLIPProcessor.Files]),
        ["--adapter"] = Adapters.Count == 0 ? None : string.Join(", ", Adapters.Select(adapter =>
            string.Create(CultureInfo.InvariantCulture, $"{adapter.Weight:R} of {ModelFingerprint.OfWhole(adapter.FolderOrId, LoraFiles.Files)}"))),
        ["--teacher"] = Teacher is null ? None : ModelFingerprint.OfWhole(Teacher, TextTeacher.Files),
        ["--validation"] = Validation is { Decides: true } ? Validation.Fingerprint() : None,
    };
}
