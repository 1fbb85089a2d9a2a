using System.Diagnostics;

namespace AltClip.Faults;

/// <summary>A running command. What it writes is read along, so that it never waits for it.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _output, _errors;
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private TimeSpan _processor;

    public ToolProcess(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Kills it once it has computed for a while.</summary>
    public ToolResult KillAfter(TimeSpan processorTime)
    {
        if (Until(() => _processor >= processorTime)) _process.Kill();
        return Wait();
    }

    /// <summary>Kills it once something has happened.</summary>
    public ToolResult KillWhen(Func<bool> happened)
    {
        if (Until(happened)) _process.Kill(entireProcessTree: true);
        return Wait();
    }

    /// <summary>Waits until something has happened, or it has ended; the processor time that it had taken by then.</summary>
    public TimeSpan TimeUntil(Func<bool> happened)
    {
        Until(happened);
        return _processor;
    }

    /// <summary>Waits until it has ended.</summary>
    public ToolResult Wait()
    {
        Until(() => false);
        _process.WaitForExit();
        return new(_process.ExitCode, _output.Result + _errors.Result, _processor);
    }

    /// <summary>Whether something happened before it ended.</summary>
    private bool Until(Func<bool> happened)
    {
        while (!_process.WaitForExit(1))
        {
            Sample();
            if (happened()) return true;
            if (_time.Elapsed < Longest) continue;
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{string.Join(' ', _process.StartInfo.ArgumentList)} was not done after {Longest.TotalMinutes} minutes.");
        }
        return false;
    }

    private void Sample()
    {
        try
        {
            _processor = _process.TotalProcessorTime;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // it has ended just now
        }
    }

    public void Dispose() => _process.Dispose();
}
