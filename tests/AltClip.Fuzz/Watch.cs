using System.Diagnostics;

namespace AltClip.Fuzz;

/// <summary>Measures each input, and ends the process with the input kept where it doesn't come back or fills the memory.</summary>
internal sealed class Watch : IDisposable
{
    private const double MostSeconds = 30;
    private const long MostGrowth = 2_000_000_000;

    private readonly string _work;
    private readonly string _output;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly Stopwatch _time = new();
    private string? _name;
    private long _allocated, _before, _peak;

    public Watch(string work, string output)
    {
        (_work, _output) = (work, output);
        _thread = new Thread(Look) { IsBackground = true };
        _thread.Start();
    }

    public void Begin(string name)
    {
        lock (_gate)
        {
            _name = name;
            _allocated = GC.GetTotalAllocatedBytes();
            _before = _peak = Environment.WorkingSet;
            _time.Restart();
        }
    }

    public Usage End()
    {
        lock (_gate)
        {
            _name = null;
            _peak = Math.Max(_peak, Environment.WorkingSet);
            return new(_time.Elapsed.TotalSeconds, Math.Max(_peak - _before, GC.GetTotalAllocatedBytes() - _allocated));
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }

    private void Look()
    {
        while (!_stop.Token.WaitHandle.WaitOne(10))
        {
            lock (_gate)
            {
                if (_name is null) continue;
                _peak = Math.Max(_peak, Environment.WorkingSet);
                if (_time.Elapsed.TotalSeconds < MostSeconds && _peak - _before < MostGrowth) continue;
                var kept = Path.Combine(_output, _name);
                FolderCopy.Copy(_work, kept);
                Console.Error.WriteLine($"{_name} took {_time.Elapsed.TotalSeconds:0} s and {(_peak - _before) / 1_000_000} MB and was not done; it is kept in {kept}.");
                Environment.Exit(1);
            }
        }
    }
}
