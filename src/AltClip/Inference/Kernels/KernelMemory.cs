using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using AltClip.Native;
using AltClip.Shared;
using TorchSharp;

namespace AltClip.Inference.Kernels;

/// <summary>
/// What <see cref="KernelContest"/> found, kept in the user's cache for a month: a file for each kind of encoder, with all that the outcome depends
/// on written in it. Whatever such a file says, only a kernel that is supported here runs, so that the worst it can do is to be slow; a folder that
/// can't be written to means that it is measured anew.
/// </summary>
internal static class KernelMemory
{
    private const int Days = 30;

    // Variables that change what libraries do on the same processor.
    private static readonly string[] Variables =
        ["ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"];

    private static readonly Lazy<string> Machine = new(Describe);

    /// <summary>How a way to run an encoder is written.</summary>
    public static string Line(EncoderCandidate candidate) => $"{candidate.Kernel.Name} {candidate.Precision}";

    /// <summary>The line that was kept for a key; null if there is none, or it is old.</summary>
    public static string? Find(string key)
    {
        try
        {
            if (Place(key) is not { } path || !File.Exists(path) || File.GetLastWriteTimeUtc(path) < DateTime.UtcNow.AddDays(-Days)) return null;
            var lines = File.ReadAllText(path).Split('\n', 2);
            return lines.Length == 2 && lines[1] == Whole(key) ? lines[0] : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps what won.</summary>
    public static void Keep(string key, EncoderCandidate winner)
    {
        if (Place(key) is not { } path) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            StagedFiles.WriteText(path, $"{Line(winner)}\n{Whole(key)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is measured again next time.
        }
    }

    private static string? Place(string key) => UserCache.Folder is { } folder
        ? Path.Combine(folder, "kernels", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Whole(key))))[..32] + ".txt")
        : null;

    private static string Whole(string key) => $"{key}\n{Machine.Value}";

    private static string Describe()
    {
        var variables = Variables.Select(name => (name, Value: Environment.GetEnvironmentVariable(name))).Where(one => one.Value is not null);
        return string.Join('\n', [
            $"AltClip {typeof(KernelMemory).Assembly.ManifestModule.ModuleVersionId}, TorchSharp {typeof(torch).Assembly.GetName().Version}, .NET {Environment.Version}",
            $"{Processor()}, {Environment.ProcessorCount} processors",
            .. variables.Select(one => $"{one.name}={one.Value}"),
        ]);
    }

    /// <summary>Family and extensions as cpuid has them, so that a home folder on several machines does no harm.</summary>
    private static string Processor() => X86Base.IsSupported
        ? $"{X86Base.CpuId(0, 0)} {X86Base.CpuId(1, 0).Eax} {X86Base.CpuId(7, 0)} {X86Base.CpuId(7, 1)}"
        : RuntimeInformation.ProcessArchitecture.ToString();
}
