using System.Globalization;

namespace EmojiClip;

/// <summary>The run's log: a CSV file that later runs append to. Steps that a run takes again, from a checkpoint, replace what they left.</summary>
internal sealed class RunLog(string path)
{
    private const string Header = "utc,phase,step,measure,value";

    private readonly Lock _lock = new();
    private readonly HashSet<string> _phases = [];

    public void Write(string phase, long step, string measure, double value)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:s},{phase},{step},{measure},{value:g6}");
        lock (_lock)
        {
            if (_phases.Add(phase)) Forget(phase, step);
            File.AppendAllText(path, line + "\n");
        }
        Console.WriteLine(line);
    }

    private void Forget(string phase, long step)
    {
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [Header];
        var kept = lines.Where(line => line.Split(',') is not [_, var p, var s, ..] || p != phase || long.Parse(s, CultureInfo.InvariantCulture) < step);
        File.WriteAllLines(path + ".part", kept);
        File.Move(path + ".part", path, overwrite: true);
    }
}
