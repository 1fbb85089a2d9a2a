using AltClip.Conformance.Training2;

namespace AltClip.Conformance;

/// <summary>The groups of a reference folder, each in a folder of its own.</summary>
internal static class Groups
{
    private static readonly Dictionary<string, Func<string, GroupReport>> Runs = new()
    {
        ["models"] = ModelsGroup.Run,
        ["e2e"] = EndToEndGroup.Run,
        ["full"] = FullGroup.Run,
        ["tokenizer"] = TokenizerGroup.Run,
        ["images"] = ImagesGroup.Run,
        ["clip-tokenizer"] = ClipTokenizerGroup.Run,
        ["pictures"] = PicturesGroup.Run,
        ["training"] = TrainingGroup.Run,
        ["training2"] = Training2Group.Run,
        ["adapters"] = AdaptersGroup.Run,
        ["foreign"] = ForeignGroup.Run,
    };

    public static IReadOnlyCollection<string> Names => Runs.Keys;

    /// <summary>Runs one group of the reference folder.</summary>
    public static GroupReport Run(string name, string referenceFolder)
    {
        var folder = Path.Combine(referenceFolder, name);
        if (Directory.Exists(folder)) return Runs[name](folder);
        var report = new GroupReport(name);
        report.Failed(name, $"there is no folder {folder}");
        return report;
    }
}
