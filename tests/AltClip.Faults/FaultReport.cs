using System.Text.RegularExpressions;

namespace AltClip.Faults;

/// <summary>What was tried and what came of it.</summary>
internal sealed partial class FaultReport(string what)
{
    private readonly SortedDictionary<string, (int Stopped, int Ended)> _counts = [];
    private readonly Dictionary<string, (int Count, string First)> _faults = [];

    public int Faults => _faults.Values.Sum(fault => fault.Count);

    public void Stopped(string command) => _counts[command] = (_counts.GetValueOrDefault(command).Stopped + 1, _counts.GetValueOrDefault(command).Ended);

    /// <summary>A run came to its end before its moment.</summary>
    public void Ended(string command) => _counts[command] = (_counts.GetValueOrDefault(command).Stopped, _counts.GetValueOrDefault(command).Ended + 1);

    public void Fault(string command, string wrong, IEnumerable<string> moments)
    {
        var kind = $"{command}: {Changing().Replace(wrong, "…")}";
        var before = _faults.GetValueOrDefault(kind, (Count: 0, First: $"{wrong} ({string.Join(", ", moments)})"));
        _faults[kind] = (before.Count + 1, before.First);
        Console.Error.WriteLine($"{command}: {wrong} ({string.Join(", ", moments)})");
    }

    public void Write(TextWriter output)
    {
        foreach (var (command, (stopped, ended)) in _counts) output.WriteLine($"{command,-10} {stopped,5} {what}, {ended} ended before");
        output.WriteLine($"{_counts.Values.Sum(count => count.Stopped)} {what}, {_faults.Count} kinds of faults");
        foreach (var (kind, (count, first)) in _faults) output.WriteLine($"  {count} x {kind}\n      first: {first}");
    }

    [GeneratedRegex("[0-9a-f]{32}|[0-9]+")]
    private static partial Regex Changing();
}
