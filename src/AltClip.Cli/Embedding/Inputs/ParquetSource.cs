using System.Security.Cryptography;

namespace AltClip.Cli;

/// <summary>
/// The rows of a Parquet file: pictures as bytes, as Hugging Face's datasets (<c>image/bytes</c>, or only <c>image/path</c>) and img2dataset have
/// them, paths of pictures, or texts.
/// </summary>
/// <remarks>A row group is read whole: its pictures are in memory together.</remarks>
internal sealed class ParquetSource : InputSource
{
    private readonly InputOptions _options;
    private readonly ParquetTable _table;

    private ParquetLayout? _layout;

    /// <summary>Names a file. Nothing is read yet.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="place">Its place among the job's inputs.</param>
    /// <param name="options">How it is read.</param>
    /// <param name="label">What its ids begin with in their long form; null for the short one.</param>
    public ParquetSource(string path, int place, InputOptions options, string? label = null) : base(path, place, label) =>
        (_options, _table) = (options, new(path, Open, options));

    /// <inheritdoc/>
    public override int Count => checked(Groups.Sum());

    /// <inheritdoc/>
    public override string IdStart => MayRepeat ? "" : NameInFile("#");

    /// <inheritdoc/>
    protected override bool MayRepeat => Layout.HasIds;

    private IReadOnlyList<int> Groups => Layout.Groups;

    // The reader is asynchronous throughout; the thread that waits here is the job's own and has nothing else to do.
    private ParquetLayout Layout => _layout ??= _table.ReadLayoutAsync().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count)
    {
        var start = 0;
        for (var group = 0; group < Groups.Count; start += Groups[group++])
        {
            var (from, to) = (Math.Max(first - start, 0), Math.Min(first + count - start, Groups[group]));
            if (from >= to) continue;
            var rows = _table.ReadGroupAsync(group).GetAwaiter().GetResult();
            for (var row = from; row < to; row++) yield return Input(rows, row, start + row);
        }
    }

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count)
    {
        Add(hash, System.IO.Path.GetFileName(Path));
        using var file = Open();
        hash.AppendData(BitConverter.GetBytes(file.Length));
    }

    /// <inheritdoc/>
    protected override IEnumerable<string> Names() => Groups.Index()
        .SelectMany(group => _table.ReadIdsAsync(group.Index).GetAwaiter().GetResult() ?? new string?[group.Item]).Select(NameOf);

    private string NameOf(string? id, int index) => id is null ? NameInFile($"#{index}") : Name(id);

    private EmbedInput Input(ParquetRows rows, int row, int index)
    {
        var input = new EmbedInput(Id(NameOf(rows.Ids?[row], index), index), Place, index);
        if (rows.Bytes?[row] is { } bytes) return input with { Picture = bytes };
        if (rows.Strings?[row] is not { } value)
            return input with { Error = _options.Texts ? "The row has no text." : rows.Bytes is null ? "The row has no path." : "The row has no picture." };
        return _options.Texts ? input with { Text = value } : input.WithPlace(_options, Path, value);
    }
}
