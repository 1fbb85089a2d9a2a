using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using AltClip.Inference.Kernels.Panels;

namespace AltClip.Benchmarks;

/// <summary>What the measurements were made on, and who else used it meanwhile.</summary>
internal static class Machine
{
    private const double TicksPerSecond = 100; // Linux's USER_HZ

    public static string Processor { get; } = File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name"))?.Split(':')[1].Trim() ?? "unknown"
        : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";

    /// <summary>The instruction sets that decide how fast products are.</summary>
    public static string Instructions { get; } = File.Exists("/proc/cpuinfo")
        ? string.Join(' ', File.ReadLines("/proc/cpuinfo").First(line => line.StartsWith("flags")).Split(' ')
            .Where(flag => flag is "avx2" or "avx512f" or "avx512_vnni" or "avx512_bf16" or "amx_tile" or "avx_vnni"))
        : "unknown";

    /// <summary>What it has of what products are made of.</summary>
    public static string Kind { get; } = Describe();

    public static long ResidentBytes => Environment.WorkingSet;

    private static string Describe()
    {
        List<string> parts = [];
        if (Cpu.HasAmx) parts.Add("AMX");
        if (Avx512F.IsSupported)
        {
            parts.Add(VectorRate.WideOverNarrow() > 1.5 ? "AVX-512 at full width" : "AVX-512 at half width");
            if (Cpu.HasAvx512BFloat16) parts.Add("bf16");
            if (Cpu.HasAvx512Vnni) parts.Add("VNNI");
        }
        else if (Avx2.IsSupported)
        {
            parts.Add("AVX2");
            if (Cpu.HasAvxVnni) parts.Add("VNNI");
        }
        return parts.Count == 0 ? "neither AVX2 nor AVX-512" : string.Join(", ", parts);
    }

    /// <summary>Seconds of processor time that other processes have used since the machine started; 0 where that can't be told.</summary>
    public static double OthersSeconds()
    {
        if (!File.Exists("/proc/stat")) return 0;
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(double.Parse).ToArray();
        var busy = fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]; // all but idle and waiting for disks
        return busy / TicksPerSecond - Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
    }
}
