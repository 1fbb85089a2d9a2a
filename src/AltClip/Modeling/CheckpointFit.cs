using AltClip.Checkpoints;
using AltClip.Shared;

namespace AltClip.Modeling;

/// <summary>Holds a file's tensors against a model's places: what is used, what is not, and what is wrong.</summary>
internal sealed class CheckpointFit
{
    private const int MostUnexpectedShown = 5;

    private readonly ITensorSource _source;
    private readonly Dictionary<string, ParameterSlot> _slots;
    private readonly Dictionary<string, string> _used = [];
    private readonly List<string> _unexpected = [];
    private readonly string _prefix;

    public CheckpointFit(
        ITensorSource source, Dictionary<string, ParameterSlot> slots, Func<IReadOnlyCollection<string>, Func<string, string?>> names)
    {
        (_source, _slots) = (source, slots);
        // A value that is no tensor has a name that counts: that it is no tensor is said of it.
        _prefix = NamePrefix.Find(
            [.. source.Names, .. source.NotTensors.Keys], found => found.Select(names(found)).OfType<string>().Distinct().Count(slots.ContainsKey));
        var modelName = names(NamePrefix.Below(source.Names, _prefix));
        foreach (var name in source.Names)
        {
            if (!name.StartsWith(_prefix, StringComparison.Ordinal)) _unexpected.Add(name);
            else if (modelName(name[_prefix.Length..]) is not { } inModel) continue;
            else if (!slots.ContainsKey(inModel) || !_used.TryAdd(inModel, name)) _unexpected.Add(name);
        }
        Report = new LoadReport(source.Location, _prefix, [.. _unexpected.Order(StringComparer.Ordinal)]);
    }

    public LoadReport Report { get; }

    /// <summary>The tensors that fill the model, by their names in the file and in the model.</summary>
    public IEnumerable<(string InFile, string InModel)> Used => _used.Select(pair => (pair.Value, pair.Key));

    /// <exception cref="CheckpointException">Tensors are missing or have other shapes, or are too many where that counts.</exception>
    public void Check(bool strict)
    {
        List<string> missing = [.. _slots.Keys.Where(name => !_used.ContainsKey(name))];
        List<string> misshapen = [.. Used.Where(pair => !ShapeOf(pair.InFile).SequenceEqual(_slots[pair.InModel].Shape)).Select(Misshapen)];
        List<string> unexpected = [.. _unexpected.Select(name => $"unexpected: {name}")];
        if (missing.Count + misshapen.Count == 0 && !(strict && unexpected.Count > 0)) return;
        List<string> problems = [.. missing.Select(Missing), .. misshapen];
        throw problems.Count > 0
            ? CheckpointException.StateMismatch(_source.Location, problems, Reason(missing, unexpected))
            : CheckpointException.StateMismatch(_source.Location, unexpected);
    }

    private IReadOnlyList<long> ShapeOf(string inFile) => _source.Describe(inFile).Shape;

    private string Misshapen((string InFile, string InModel) pair) =>
        $"{pair.InFile} has shape [{string.Join(", ", ShapeOf(pair.InFile))}]; expected {Shared.Check.Text(_slots[pair.InModel].Shape)}";

    private string Missing(string name) => _source.NotTensors.TryGetValue(_prefix + name, out var made)
        ? $"{name} is no tensor but what '{Listing.Cut(made)}' makes, which was not run"
        : $"missing: {name}";

    /// <summary>The file's other tensors, and what they tell of why.</summary>
    private string? Reason(List<string> missing, List<string> unexpected)
    {
        var likely = MismatchReason.Of(_source.Names, _unexpected, missing, [.. _slots.Keys]);
        string[] parts =
        [
            .. unexpected.Take(MostUnexpectedShown).Select(name => Listing.Cut(name)),
            .. unexpected.Count > MostUnexpectedShown ? [$"and {unexpected.Count - MostUnexpectedShown} more that the model has no place for"] : Array.Empty<string>(),
            .. likely is null ? Array.Empty<string>() : [likely],
        ];
        return parts.Length == 0 ? null : string.Join($"{Environment.NewLine}  ", parts);
    }
}
