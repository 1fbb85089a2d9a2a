using System.Diagnostics;

namespace AltClip.Fuzz;

/// <summary>Measures each input, and ends the process with the input kept where it doesn't come back or fills the memory.</summary>
internal sealed class Watch : IDisposable
{
    private const double MostSeconds = 30;
    private static readonly TimeSpan MostWaiting = TimeSpan.FromMinutes(10);
    private const long MostGrowth = 2_000_000_000;

    private readonly string _output;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly Stopwatch _time = new();
    private FuzzInput? _input;
    private string _name = "";
    private TimeSpan _processor;
    private long _allocated, _resting, _growth;

    public Watch(string output)
    {
        _output = output;
        _resting = Environment.WorkingSet;
        _thread = new Thread(Look) { IsBackground = true };
        _thread.Start();
    }

    public void Begin(FuzzInput input, string name)
    {
        lock (_gate)
        {
            (_input, _name) = (input, name);
            _allocated = GC.GetTotalAllocatedBytes();
            _growth = 0;
            _processor = Environment.CpuUsage.TotalTime;
            _time.Restart();
        }
    }

    public Usage End()
    {
        lock (_gate)
        {
            _input = null;
            return new(Seconds(), Math.Max(_growth, GC.GetTotalAllocatedBytes() - _allocated));
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    /// <summary>The time that it took, without that in which others had the processor.</summary>
    private double Seconds() => Math.Min(_time.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - _processor).TotalSeconds);

    /// <summary>Asks the system now and then: asking for each input would take longer than reading it.</summary>
    private void Look()
    {
        FuzzInput? before = null;
        while (!_stop.Token.WaitHandle.WaitOne(10))
        {
            lock (_gate)
            {
                var size = Environment.WorkingSet;
                // what it held when this input was not there yet
                if (_input is null || _input != before) (before, _resting) = (_input, size);
                if (_input is null) continue;
                _growth = Math.Max(_growth, size - _resting);
                if (Seconds() < MostSeconds && _time.Elapsed < MostWaiting && _growth < MostGrowth) continue;
                var kept = Path.Combine(_output, _name);
                FolderCopy.Copy(_input.Folder, kept);
                Console.Error.WriteLine($"{_name} took {_time.Elapsed.TotalSeconds:0} s and {_growth / 1_000_000} MB and was not done; it is kept in {kept}.");
                Environment.Exit(1);
            }
        }
    }
}
