namespace AltClip.Faults.Scenarios;

/// <summary>Embeddings are written in parts, each there whole or not at all; a part that was told of stays.</summary>
internal sealed class Embed(ScenarioInputs inputs) : Scenario("embed", inputs)
{
    private const string Unfinished = ".unfinished-";

    public override IReadOnlyList<string> Arguments(string folder) =>
        ["embed", Inputs.Pictures, "-o", folder, "--model", Inputs.Model, "--part-size", "2", "--batch-size", "2", "--format", "jsonl"];

    public override string? CheckStopped(string folder, Tree reference, string text)
    {
        var found = Tree.Of(folder);
        foreach (var name in found.Names.Where(name => !name.Contains(Unfinished, StringComparison.Ordinal)))
        {
            if (reference[name] is null) return $"{name} doesn't belong there";
            if (!found[name].AsSpan().SequenceEqual(reference[name])) return $"{name} is not whole";
        }
        foreach (var part in Directory.Exists(folder) ? Directory.GetDirectories(folder, "part-??????", SearchOption.AllDirectories) : [])
        {
            var name = Path.GetRelativePath(folder, part);
            if (!name.Contains(Unfinished, StringComparison.Ordinal) && found.Names.Count(file => file.StartsWith(name + "/", StringComparison.Ordinal)) != 2) return $"{name} is not whole";
        }
        var said = System.Text.RegularExpressions.Regex.Matches(text, ": part ([0-9]+) of").Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).LastOrDefault();
        var there = found.Names.Count(name => Path.GetFileName(name) == "part.json" && !name.Contains(Unfinished, StringComparison.Ordinal));
        return there >= said ? null : $"part {said} was told of, and {there} are there";
    }
}
