using System.Runtime.InteropServices;
using AltClip.Training.Distributed;

namespace AltClip.Training.Tests;

/// <summary>
/// NCCL's and CUDA's functions as nccl.h declares them, for ranks that are threads and a "GPU" whose memory is the processor's: no machine of the tests has
/// another. It holds what is called of NCCL, with what and in which order, and what follows of its results; not what a GPU would do.
/// </summary>
internal static unsafe class FakeNccl
{
    private const int Success = 0, InvalidArgument = 4, RemoteError = 6, InProgress = 7, CudaNotReady = 600;
    private const int IdSize = NcclLibrary.UniqueId.Size;

    private static readonly Lock Gate = new();
    private static readonly Dictionary<long, Communicators> All = [];
    private static readonly Dictionary<nint, (Communicators All, int Rank)> Open = [];
    private static long _lastId;
    private static nint _lastCommunicator;

    /// <summary>Of the rank that is the thread.</summary>
    [ThreadStatic]
    private static bool _hasDevice;

    [ThreadStatic]
    private static Func<bool>? _isBusy;

    /// <summary>The version it says it has.</summary>
    public static int Version { get; set; }

    /// <summary>What operations fail with where they begin; 0 for none.</summary>
    public static int Failure { get; set; }

    /// <summary>Whether the communicator of the rank that is this thread finds that it failed.</summary>
    [field: ThreadStatic]
    public static bool IsBroken { get; set; }

    /// <summary>Whether what this thread begins never runs.</summary>
    [field: ThreadStatic]
    public static bool SkipsThread { get; set; }

    /// <summary>What was begun: function, numbers, type, operation or root.</summary>
    public static List<string> Begun { get; } = [];

    /// <summary>How many communicators nobody gave up.</summary>
    public static int OpenCount => Open.Count;

    /// <summary>As if nothing had been.</summary>
    public static void Reset()
    {
        (Version, Failure) = (22705, 0);
        Begun.Clear();
        All.Clear();
        Open.Clear();
    }

    public static nint Find(string name) => name switch
    {
        "ncclGetVersion" => (nint)(delegate* unmanaged<int*, int>)&GetVersion,
        "ncclGetUniqueId" => (nint)(delegate* unmanaged<byte*, int>)&GetUniqueId,
        "ncclCommInitRankConfig" => (nint)(delegate* unmanaged<nint*, int, NcclLibrary.UniqueId, int, NcclLibrary.Config*, int>)&CommInitRankConfig,
        "ncclCommGetAsyncError" => (nint)(delegate* unmanaged<nint, int*, int>)&CommGetAsyncError,
        "ncclCommAbort" => (nint)(delegate* unmanaged<nint, int>)&CommAbort,
        "ncclGetLastError" => (nint)(delegate* unmanaged<nint, nint>)&GetLastError,
        "ncclGetErrorString" or "cudaGetErrorString" => (nint)(delegate* unmanaged<int, nint>)&GetErrorString,
        "ncclAllReduce" => (nint)(delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)&AllReduce,
        "ncclBroadcast" => (nint)(delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)&Broadcast,
        "ncclAllGather" => (nint)(delegate* unmanaged<nint, nint, nuint, int, nint, nint, int>)&AllGather,
        "cudaSetDevice" => (nint)(delegate* unmanaged<int, int>)&SetDevice,
        "cudaStreamQuery" => (nint)(delegate* unmanaged<nint, int>)&StreamQuery,
        _ => throw new EntryPointNotFoundException(name),
    };

    private sealed class Communicators(int size)
    {
        public int Joined { get; set; }

        public int Size => size;

        /// <summary>Where each rank sends from and receives; null where it has not begun.</summary>
        public (nint Send, nint Receive)?[] Places { get; } = new (nint, nint)?[size];

        public int Operations { get; set; }
    }

    [UnmanagedCallersOnly]
    private static int GetVersion(int* version)
    {
        *version = Version;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int GetUniqueId(byte* id)
    {
        // All its bytes have to arrive, the last of which count.
        new Span<byte>(id, IdSize).Fill(7);
        *(long*)(id + IdSize - sizeof(long)) = Interlocked.Increment(ref _lastId);
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int CommInitRankConfig(nint* communicator, int size, NcclLibrary.UniqueId id, int rank, NcclLibrary.Config* config)
    {
        var bytes = new ReadOnlySpan<byte>(id.Bytes, IdSize);
        if (bytes[..^sizeof(long)].ContainsAnyExcept((byte)7) || !_hasDevice) return InvalidArgument;
        if (config->Magic != 0xcafebeef || config->Size != 24 || config->Version != 21400 || config->Blocking != 0) return InvalidArgument;
        lock (Gate)
        {
            var name = MemoryMarshal.Read<long>(bytes[^sizeof(long)..]);
            if (!All.TryGetValue(name, out var all)) All[name] = all = new(size);
            all.Joined++;
            Open[*communicator = ++_lastCommunicator] = (all, rank);
            return InProgress;
        }
    }

    [UnmanagedCallersOnly]
    private static int CommGetAsyncError(nint communicator, int* state)
    {
        lock (Gate)
        {
            var (all, _) = Open[communicator];
            *state = IsBroken ? RemoteError : all.Joined < all.Size ? InProgress : Success;
            return Success;
        }
    }

    [UnmanagedCallersOnly]
    private static int CommAbort(nint communicator)
    {
        lock (Gate)
        {
            if (!Open.Remove(communicator, out var own)) return InvalidArgument;
            // What is under way ends: its memory may be another's from now on.
            own.All.Places[own.Rank] = null;
            return Success;
        }
    }

    [UnmanagedCallersOnly]
    private static int SetDevice(int index)
    {
        _hasDevice = index == 0;
        return Success;
    }

    [UnmanagedCallersOnly]
    private static int StreamQuery(nint stream)
    {
        lock (Gate) return stream != 0 ? InvalidArgument : _isBusy!() ? CudaNotReady : Success;
    }

    [UnmanagedCallersOnly]
    private static nint GetLastError(nint communicator) => Text("socket closed");

    [UnmanagedCallersOnly]
    private static nint GetErrorString(int result) => Text(result == RemoteError ? "remote process exited" : "invalid argument");

    private static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    [UnmanagedCallersOnly]
    private static int AllReduce(nint send, nint receive, nuint count, int type, int operation, nint communicator, nint stream) =>
        Begin($"all-reduce {count} {type} {operation}", send, receive, communicator, stream, places =>
        {
            for (var i = 0; i < (int)count; i++)
            {
                var numbers = places.Select(place => Read(place.Send, i, type)).ToList();
                var result = operation switch { 0 => numbers.Sum(), 2 => numbers.Max(), 3 => numbers.Min(), _ => double.NaN };
                foreach (var (_, to) in places) Write(to, i, type, result);
            }
        });

    [UnmanagedCallersOnly]
    private static int Broadcast(nint send, nint receive, nuint count, int type, int root, nint communicator, nint stream) =>
        Begin($"broadcast {count} {type} {root}", send, receive, communicator, stream, places =>
        {
            for (var i = 0; i < (int)count; i++)
                foreach (var (_, to) in places) Write(to, i, type, Read(places[root].Send, i, type));
        });

    [UnmanagedCallersOnly]
    private static int AllGather(nint send, nint receive, nuint count, int type, nint communicator, nint stream) =>
        Begin($"all-gather {count} {type}", send, receive, communicator, stream, places =>
        {
            foreach (var (_, to) in places)
                for (var rank = 0; rank < places.Count; rank++)
                    for (var i = 0; i < (int)count; i++) Write(to, rank * (int)count + i, type, Read(places[rank].Send, i, type));
        });

    /// <summary>Runs an operation when its last rank begins it; the others are busy until then.</summary>
    private static int Begin(string called, nint send, nint receive, nint communicator, nint stream, Action<List<(nint Send, nint Receive)>> run)
    {
        if (Failure != 0) return Failure;
        if (stream != 0 || !_hasDevice) return InvalidArgument;
        if (SkipsThread)
        {
            _isBusy = () => true;
            return InProgress;
        }
        lock (Gate)
        {
            var (all, rank) = Open[communicator];
            Begun.Add(called);
            all.Places[rank] = (send, receive);
            var own = all.Operations;
            _isBusy = () => all.Operations == own;
            if (all.Places.Any(place => place is null)) return InProgress;
            run([.. all.Places.Select(place => place!.Value)]);
            Array.Clear(all.Places);
            all.Operations++;
            return Success;
        }
    }

    private static double Read(nint start, int i, int type) => type switch
    {
        1 => ((byte*)start)[i],
        2 => ((int*)start)[i],
        4 => ((long*)start)[i],
        7 => ((float*)start)[i],
        8 => ((double*)start)[i],
        9 => BitConverter.Int32BitsToSingle(((ushort*)start)[i] << 16),
        _ => double.NaN,
    };

    private static void Write(nint start, int i, int type, double value)
    {
        switch (type)
        {
            case 1: ((byte*)start)[i] = (byte)value; break;
            case 2: ((int*)start)[i] = (int)value; break;
            case 4: ((long*)start)[i] = (long)value; break;
            case 7: ((float*)start)[i] = (float)value; break;
            case 8: ((double*)start)[i] = value; break;
            case 9: ((ushort*)start)[i] = (ushort)(BitConverter.SingleToInt32Bits((float)value) >> 16); break;
        }
    }
}
