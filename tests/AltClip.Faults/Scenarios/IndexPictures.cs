using AltClip.Search;
using AltClip.Search.DuckDB;
using AltClip.Tests;

namespace AltClip.Faults.Scenarios;

/// <summary>Pictures go into a DuckDB file, which can be opened after any stop and has whole rows of the right numbers.</summary>
internal sealed class IndexPictures(ScenarioInputs inputs) : Scenario("index", inputs)
{
    private const string Store = "pictures.duckdb";

    private Dictionary<string, float[]>? _expected;

    public override IReadOnlyList<string> Arguments(string folder) =>
        ["index", Inputs.Pictures, "--store", Path.Combine(folder, Store), "--model", Inputs.Model];

    public override string? CheckStopped(string folder, Tree reference, string text)
    {
        if (!File.Exists(Path.Combine(folder, Store))) return null;
        // Of a copy, since opening it puts in order what the stop left.
        using var copy = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(folder)) File.Copy(file, copy.File(Path.GetFileName(file)));
        var rows = ReadAsync(copy.File(Store)).GetAwaiter().GetResult();
        return rows.FirstOrDefault(row => _expected is { } expected && !(expected.TryGetValue(row.Key, out var numbers) && numbers.AsSpan().SequenceEqual(row.Value))) is { Key: { } wrong }
            ? $"{wrong} has other numbers" : null;
    }

    public override string? CheckDone(string folder, Tree reference)
    {
        var rows = ReadAsync(Path.Combine(folder, Store)).GetAwaiter().GetResult();
        _expected ??= rows;
        if (rows.Count != Directory.GetFiles(Inputs.Pictures).Length) return $"{rows.Count} pictures are in the store";
        return CheckStopped(folder, reference, "") ?? Tree.Of(folder).Difference(reference, _ => false);
    }

    private static async Task<Dictionary<string, float[]>> ReadAsync(string path)
    {
        Dictionary<string, float[]> rows = [];
        try
        {
            await using var store = await DuckDBImageStore.OpenAsync(path);
            await foreach (var entry in store.ListAsync()) rows[entry.Id] = (await store.GetAsync(entry.Id))!.Embedding.ToArray();
        }
        catch (ImageStoreNotFoundException)
        {
            // the file is there, and nothing was put into it yet
        }
        return rows;
    }
}
