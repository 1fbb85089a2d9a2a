using System.Runtime.InteropServices;

namespace AltClip.Training.Distributed;

/// <summary>
/// The library of the folder <c>native</c>: c10d's process group over Gloo, which is in libtorch, with results in place of C++ exceptions, which
/// would end the process.
/// </summary>
internal static unsafe partial class GlooLibrary
{
    private const string Name = "altclip_distributed";
    private const int MessageCapacity = 8192;

    private delegate int Operation(byte* message, int capacity);

    /// <summary>The SHA-256 of the sources that the library was built from, in hexadecimal.</summary>
    public static string Sources => Marshal.PtrToStringUTF8(GetSources())!;

    /// <summary>Why the libtorch that is loaded is not the one that this is for; null if it is.</summary>
    public static string? CheckLibtorch() => Run(Check);

    /// <summary>Joins a group.</summary>
    /// <returns>What went wrong; null for nothing.</returns>
    public static string? Join(string host, ushort port, int rank, int size, TimeSpan timeout, out nint group)
    {
        nint joined = 0;
        var problem = Run((message, capacity) => JoinGroup(host, port, rank, size, (long)timeout.TotalMilliseconds, out joined, message, capacity));
        group = joined;
        return problem;
    }

    /// <inheritdoc cref="Join" path="/returns"/>
    public static string? AllReduce(nint group, nint tensor, byte operation) =>
        Run((message, capacity) => Reduce(group, tensor, operation, message, capacity));

    /// <inheritdoc cref="Join" path="/returns"/>
    public static string? Broadcast(nint group, nint tensor, int root) => Run((message, capacity) => Send(group, tensor, root, message, capacity));

    /// <inheritdoc cref="Join" path="/returns"/>
    public static string? AllGather(nint group, nint output, nint input) => Run((message, capacity) => Gather(group, output, input, message, capacity));

    [LibraryImport(Name, EntryPoint = "altclip_distributed_leave")]
    public static partial void Leave(nint group);

    [LibraryImport(Name, EntryPoint = "altclip_distributed_sources")]
    private static partial nint GetSources();

    [LibraryImport(Name, EntryPoint = "altclip_distributed_check")]
    private static partial int Check(byte* message, int capacity);

    [LibraryImport(Name, EntryPoint = "altclip_distributed_join", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int JoinGroup(
        string host, ushort port, int rank, int size, long timeout, out nint group, byte* message, int capacity);

    [LibraryImport(Name, EntryPoint = "altclip_distributed_all_reduce")]
    private static partial int Reduce(nint group, nint tensor, byte operation, byte* message, int capacity);

    [LibraryImport(Name, EntryPoint = "altclip_distributed_broadcast")]
    private static partial int Send(nint group, nint tensor, int root, byte* message, int capacity);

    [LibraryImport(Name, EntryPoint = "altclip_distributed_all_gather")]
    private static partial int Gather(nint group, nint output, nint input, byte* message, int capacity);

    private static string? Run(Operation operation)
    {
        var message = stackalloc byte[MessageCapacity];
        if (operation(message, MessageCapacity) == 0) return null;
        // libtorch's messages end with where in its own code they come from.
        var text = Marshal.PtrToStringUTF8((nint)message)!;
        return text.Split('\n')[0].TrimEnd('.', ' ');
    }
}
