using AltClip.Tests.Hub;

namespace AltClip.Faults.Scenarios;

/// <summary>A model comes from a server into the cache: what has a blob's name is whole, what is unfinished is its beginning.</summary>
internal sealed class Download(ScenarioInputs inputs) : Scenario("download", inputs)
{
    private const string Unfinished = ".incomplete";

    public override IReadOnlyList<string> Arguments(string folder) =>
        ["classify", Directory.GetFiles(Inputs.Pictures)[0], "--labels", "pizza", "rocket", "--model", FakeHub.Model];

    public override IReadOnlyDictionary<string, string> Environment(string folder) => new Dictionary<string, string>(Plain)
    {
        ["HF_ENDPOINT"] = Inputs.Hub.Address,
        ["HF_HUB_CACHE"] = folder,
    };

    /// <summary>What a killed run was writing beside a branch's name stays: 40 bytes, which another process could be writing still.</summary>
    public override string? CheckDone(string folder, Tree reference) => Tree.Of(folder).Without(IsUnfinishedName).Difference(reference);

    public override string? CheckStopped(string folder, Tree reference, string text)
    {
        var blobs = Inputs.Hub.Files.ToDictionary(file => FakeHub.Etag(file.Key, file.Value), file => file.Value);
        var found = Tree.Of(folder);
        foreach (var name in found.Names.Where(name => name.Contains("/blobs/", StringComparison.Ordinal)))
        {
            var blob = Path.GetFileName(name);
            var whole = blobs.GetValueOrDefault(blob.Replace(Unfinished, "", StringComparison.Ordinal)) ?? [];
            var wrong = blob.EndsWith(Unfinished, StringComparison.Ordinal) ? !whole.AsSpan().StartsWith(found[name]) : !whole.AsSpan().SequenceEqual(found[name]);
            if (wrong) return $"{name} is not what the server has";
        }
        // A link leads to a whole blob; what names a commit names it whole.
        foreach (var name in found.Names.Where(name => !name.Contains("/blobs/", StringComparison.Ordinal) && !name.Contains(".locks/", StringComparison.Ordinal) && !IsUnfinishedName(name)))
        {
            if (reference[name] is null) return $"{name} doesn't belong there";
            if (!(IsTag(name) ? reference[name].AsSpan().StartsWith(found[name]) : found[name].AsSpan().SequenceEqual(reference[name]))) return $"{name} has other bytes";
            if (name.Contains("/snapshots/", StringComparison.Ordinal) && !File.Exists(Path.Combine(folder, name))) return $"{name} leads nowhere";
        }
        return null;
    }

    /// <summary>Whether it is the one small file that is written in place: half of it says less, and is completed by the next.</summary>
    private static bool IsTag(string name) => name.EndsWith("CACHEDIR.TAG", StringComparison.Ordinal);

    private static bool IsUnfinishedName(string name) => name.Contains("/refs/", StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal);
}
