using System.Text.RegularExpressions;
using AltClip.Tests;

namespace AltClip.Faults;

/// <summary>The calls to the system with which a command changes files, found by strace.</summary>
internal static partial class SystemCalls
{
    private const string Traced = "openat,write,pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync,rename,renameat2,unlink,unlinkat,rmdir,mkdir,mkdirat,link,symlink,flock,fchmod,copy_file_range,sendfile";

    /// <summary>strace as it kills a process when it is about to do a call, of one thread the one of this number.</summary>
    public static string[] KillAt(SystemCall call) =>
        ["strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call.Name}", "-e", $"inject={call.Name}:signal=KILL:when={call.Number}"];

    /// <summary>Runs a command, and finds its calls that have a path below a folder.</summary>
    public static IReadOnlyList<SystemCall> Of(Tool tool, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> arguments, string folder)
    {
        using var work = new TemporaryFolder();
        var log = work.File("strace");
        var result = tool.Run(environment, arguments, ["strace", "-f", "-y", "-qq", "-o", log, "-e", $"trace={Traced}"]);
        if (result.Code != 0) throw new InvalidOperationException($"Under strace the command ended with {result.Code}: {result.Text}");
        Dictionary<(string Thread, string Name), int> counts = [];
        List<SystemCall> calls = [];
        foreach (var line in File.ReadLines(log))
        {
            if (Line().Match(line) is not { Success: true } match) continue;
            var key = (match.Groups[1].Value, match.Groups[2].Value);
            var number = counts[key] = counts.GetValueOrDefault(key) + 1;
            if (line.Contains(folder, StringComparison.Ordinal)) calls.Add(new(match.Groups[2].Value, number));
        }
        return [.. calls.Distinct()];
    }

    [GeneratedRegex(@"^(\d+) +(\w+)\(")]
    private static partial Regex Line();
}

/// <summary>A call to the system.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Which of its thread's calls of this name it is, counted from 1.</param>
internal sealed record SystemCall(string Name, int Number);
