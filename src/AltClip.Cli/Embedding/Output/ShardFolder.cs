using System.Globalization;

namespace AltClip.Cli;

/// <summary>Where a share's results are: a folder for each part, which appears whole or not at all, and <c>complete.json</c> at last.</summary>
internal sealed class ShardFolder(string path)
{
    private string CompleteFile => Path.Combine(path, "complete.json");

    /// <summary>What the share has, if it is complete; else null.</summary>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public ShardReport? ReadComplete() => File.Exists(CompleteFile) ? JobJson.Read<ShardReport>(CompleteFile) : null;

    /// <summary>How many parts of a complete share are not there any more.</summary>
    /// <param name="parts">How many it had.</param>
    public int CountMissing(int parts) => parts - Directory.EnumerateDirectories(path).Count(entry => IsPart(entry, parts));

    /// <summary>Says that the share is not complete any more.</summary>
    public void DeleteComplete() => File.Delete(CompleteFile);

    /// <summary>Says that the share is complete, and deletes what is unfinished: all parts are there.</summary>
    public void SetComplete(ShardReport report)
    {
        Directory.CreateDirectory(path);
        Unfinished.Write(CompleteFile, beside => JobJson.Write(beside, report));
        Unfinished.DeleteAll(path);
    }

    /// <summary>What a part has, if it is there; else null.</summary>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public PartReport? ReadPart(int part) => Directory.Exists(PartFolder(part)) ? JobJson.Read<PartReport>(PartFile(PartFolder(part))) : null;

    /// <summary>The embeddings of a part.</summary>
    /// <param name="part">Its place in the share.</param>
    /// <param name="format">Their form.</param>
    /// <param name="most">The most that there can be.</param>
    /// <exception cref="EmbedException">A file is damaged.</exception>
    public Task<IReadOnlyList<EmbeddedRow>> ReadEmbeddingsAsync(int part, EmbeddingFormat format, int most) =>
        IEmbeddingFile.Of(format).ReadAsync(PartFolder(part), most);

    /// <summary>The inputs of a part that have no embeddings.</summary>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public IReadOnlyList<FailedInput> ReadFailures(int part)
    {
        var file = ErrorsFile(PartFolder(part));
        return File.Exists(file) ? JobJson.ReadLines<FailedInput>(file) : [];
    }

    /// <summary>What is in the folder of a complete share and doesn't belong there.</summary>
    /// <param name="parts">How many parts the share has.</param>
    public IEnumerable<string> FindStrangers(int parts) =>
        Directory.EnumerateFileSystemEntries(path).Where(entry => entry != CompleteFile && !IsPart(entry, parts) && !Unfinished.Is(entry));

    /// <summary>Writes a part, unless another worker has written the same meanwhile: then that one stays.</summary>
    /// <param name="part">Its place in the share.</param>
    /// <param name="format">The form of the embeddings.</param>
    /// <param name="fingerprint">The share's inputs.</param>
    /// <param name="rows">The embeddings.</param>
    /// <param name="failures">The inputs without.</param>
    /// <returns>What the part has that is there now.</returns>
    public async Task<PartReport> WriteAsync(
        int part, EmbeddingFormat format, string fingerprint, IReadOnlyList<EmbeddedRow> rows, IReadOnlyList<FailedInput> failures)
    {
        var report = new PartReport(fingerprint, rows.Count, failures.Count);
        var moved = await Unfinished.WriteAsync(PartFolder(part), async beside =>
        {
            Directory.CreateDirectory(beside);
            await IEmbeddingFile.Of(format).WriteAsync(beside, rows);
            if (failures.Count > 0) JobJson.WriteLines(ErrorsFile(beside), failures);
            JobJson.Write(PartFile(beside), report);
        });
        return moved ? report : ReadPart(part)!;
    }

    /// <summary>Deletes what workers that were killed while they wrote have left: what is old, or all if the share is complete.</summary>
    public void DeleteLeftOver()
    {
        if (File.Exists(CompleteFile)) Unfinished.DeleteAll(path);
        else Unfinished.DeleteOld(path);
    }

    private bool IsPart(string entry, int parts) =>
        int.TryParse(entry[(entry.LastIndexOf('-') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var part) && part < parts && entry == PartFolder(part);

    private static string PartFile(string folder) => Path.Combine(folder, "part.json");

    private static string ErrorsFile(string folder) => Path.Combine(folder, "errors.jsonl");

    private string PartFolder(int part) => Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"part-{part:D6}"));
}
