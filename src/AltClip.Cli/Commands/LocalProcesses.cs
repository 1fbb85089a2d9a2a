using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AltClip.Cli.Commands;

/// <summary>
/// Starts this program several times on this machine, as torchrun does. The processes stop in order when what they read from comes to its end:
/// when this one closes it, or is no more.
/// </summary>
internal static class LocalProcesses
{
    /// <summary>The variable by which a process knows that it was started here.</summary>
    private const string Variable = "ALTCLIP_LAUNCHED";

    // For the others to notice that one has failed, and to say so.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    /// <summary>Whether this process was started here.</summary>
    public static bool IsOne => Environment.GetEnvironmentVariable(Variable) is not null;

    /// <summary>Runs the processes to their end.</summary>
    /// <param name="console">Where it tells which failed.</param>
    /// <param name="count">How many.</param>
    /// <param name="arguments">What each is called with.</param>
    /// <param name="cancellationToken">Has them stop in order.</param>
    /// <returns>The exit code of the first that failed, or of all.</returns>
    public static async Task<ExitCode> RunAsync(CliConsole console, int count, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var processes = new List<Process>();
        try
        {
            for (var rank = 0; rank < count; rank++) processes.Add(Process.Start(Command(arguments, rank, count, port))!);
            using var stopping = cancellationToken.Register(() => processes.ForEach(Stop));
            return await WaitAsync(console, processes);
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited) process.Kill();
                process.Dispose();
            }
        }
    }

    /// <summary>In a process that was started here: cancels when who started it wants that, or is no more.</summary>
    public static void StopWithLauncher(CancellationTokenSource source)
    {
        if (!IsOne) return;
        var input = Console.OpenStandardInput();
        new Thread(() =>
        {
            var buffer = new byte[256];
            while (input.Read(buffer) > 0)
            {
            }
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It is done.
            }
        })
        { IsBackground = true, Name = "AltClip launcher" }.Start();
    }

    private static async Task<ExitCode> WaitAsync(CliConsole console, List<Process> processes)
    {
        var ends = processes.Select(process => process.WaitForExitAsync()).ToList();
        var left = ends.ToHashSet();
        while (left.Count > 0)
        {
            var ended = await Task.WhenAny(left);
            left.Remove(ended);
            if (processes[ends.IndexOf(ended)].ExitCode == 0) continue;
            await Task.WhenAny(Task.WhenAll(left), Task.Delay(Grace));
            // The others only see that one has ended, and fail by that, at times before it is gone: what failed by more says why.
            var rank = Enumerable.Range(0, processes.Count).Where(i => processes[i].HasExited && processes[i].ExitCode != 0)
                .OrderBy(i => processes[i].ExitCode == (int)ExitCode.Failed).ThenBy(i => ends[i] != ended).First();
            var code = processes[rank].ExitCode;
            if (code != (int)ExitCode.Cancelled) console.Fail($"Process {rank} of {processes.Count} ended with {code}, and so the run.");
            return Enum.IsDefined((ExitCode)code) ? (ExitCode)code : ExitCode.Failed;
        }
        return ExitCode.Done;
    }

    private static ProcessStartInfo Command(IReadOnlyList<string> arguments, int rank, int count, int port)
    {
        // By its own file where this is a program, and by `dotnet` where it is a library that `dotnet` runs.
        var library = typeof(LocalProcesses).Assembly.Location;
        var isProgram = Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "altclip" or "AltClip.Cli" || library.Length == 0;
        var start = isProgram
            ? new ProcessStartInfo(Environment.ProcessPath!, arguments)
            : new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [library, .. arguments]);
        start.RedirectStandardInput = true;
        var variables = new Dictionary<string, string>
        {
            [Variable] = "1",
            ["WORLD_SIZE"] = Text(count),
            ["RANK"] = Text(rank),
            ["LOCAL_RANK"] = Text(rank),
            ["MASTER_ADDR"] = "127.0.0.1",
            ["MASTER_PORT"] = Text(port),
        };
        // Processes share the processors, and no more threads run than there are.
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
            variables["OMP_NUM_THREADS"] = Text(Math.Max(1, Environment.ProcessorCount / count));
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return start;
    }

    private static void Stop(Process process)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
