using System.Globalization;

namespace EmojiClip;

/// <summary>The run's log: a CSV file that later runs append to.</summary>
internal sealed class RunLog(string path)
{
    private readonly Lock _lock = new();

    public void Write(string phase, long step, string measure, double value)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:s},{phase},{step},{measure},{value:g6}");
        lock (_lock)
        {
            if (!File.Exists(path)) File.WriteAllText(path, "utc,phase,step,measure,value\n");
            File.AppendAllText(path, line + "\n");
        }
        Console.WriteLine(line);
    }
}
