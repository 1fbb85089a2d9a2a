using System.Runtime.InteropServices;
using AltClip.Native;
using static TorchSharp.torch;

namespace AltClip.Training.Distributed;

/// <summary>
/// NVIDIA's collective communication library by its C interface (nccl.h), which is the same since 2.14, and the three functions of CUDA's runtime that
/// go with it: of the libtorch for CUDA that the process has, or NCCL of the system.
/// </summary>
internal sealed unsafe class NcclLibrary
{
    /// <summary>The version from which on communicators need not block: as nccl.h codes it.</summary>
    private const int FirstVersion = 21400;

    private const int Success = 0, InProgress = 7;
    private const int CudaSuccess = 0, CudaNotReady = 600;

    private static readonly Lazy<(NcclLibrary? Library, string? Problem)> Found = new(Find);

    private readonly delegate* unmanaged<UniqueId*, int> _getUniqueId;
    private readonly delegate* unmanaged<nint*, int, UniqueId, int, Config*, int> _commInitRankConfig;
    private readonly delegate* unmanaged<nint, int*, int> _commGetAsyncError;
    private readonly delegate* unmanaged<nint, int> _commAbort;
    private readonly delegate* unmanaged<nint, byte*> _getLastError;
    private readonly delegate* unmanaged<int, byte*> _getErrorString;
    private readonly delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int> _allReduce;
    private readonly delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int> _broadcast;
    private readonly delegate* unmanaged<nint, nint, nuint, int, nint, nint, int> _allGather;
    private readonly delegate* unmanaged<int, int> _cudaSetDevice;
    private readonly delegate* unmanaged<nint, int> _cudaStreamQuery;
    private readonly delegate* unmanaged<int, byte*> _cudaGetErrorString;

    /// <param name="find">Gives the address of a function by its name.</param>
    /// <exception cref="EntryPointNotFoundException">One is missing.</exception>
    /// <exception cref="PlatformNotSupportedException">The library is older than 2.14.</exception>
    internal NcclLibrary(Func<string, nint> find)
    {
        var version = 0;
        Check(((delegate* unmanaged<int*, int>)find("ncclGetVersion"))(&version), "ncclGetVersion");
        if (version < FirstVersion) throw new PlatformNotSupportedException($"NCCL's version is {version}; expected {FirstVersion} (2.14) or later.");
        _getUniqueId = (delegate* unmanaged<UniqueId*, int>)find("ncclGetUniqueId");
        _commInitRankConfig = (delegate* unmanaged<nint*, int, UniqueId, int, Config*, int>)find("ncclCommInitRankConfig");
        _commGetAsyncError = (delegate* unmanaged<nint, int*, int>)find("ncclCommGetAsyncError");
        _commAbort = (delegate* unmanaged<nint, int>)find("ncclCommAbort");
        _getLastError = (delegate* unmanaged<nint, byte*>)find("ncclGetLastError");
        _getErrorString = (delegate* unmanaged<int, byte*>)find("ncclGetErrorString");
        _allReduce = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)find("ncclAllReduce");
        _broadcast = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)find("ncclBroadcast");
        _allGather = (delegate* unmanaged<nint, nint, nuint, int, nint, nint, int>)find("ncclAllGather");
        _cudaSetDevice = (delegate* unmanaged<int, int>)find("cudaSetDevice");
        _cudaStreamQuery = (delegate* unmanaged<nint, int>)find("cudaStreamQuery");
        _cudaGetErrorString = (delegate* unmanaged<int, byte*>)find("cudaGetErrorString");
    }

    /// <summary>The library of this process; null where it is not there.</summary>
    public static NcclLibrary? Instance => Found.Value.Library;

    /// <summary>Why it is not there.</summary>
    public static string? Problem => Found.Value.Problem;

    /// <summary>The number that NCCL gives a type of numbers (<c>ncclDataType_t</c>); null for one that it does not send.</summary>
    public static int? TypeOf(ScalarType type) => type switch
    {
        ScalarType.Int8 => 0,
        ScalarType.Byte => 1,
        ScalarType.Int32 => 2,
        ScalarType.Int64 => 4,
        ScalarType.Float16 => 6,
        ScalarType.Float32 => 7,
        ScalarType.Float64 => 8,
        ScalarType.BFloat16 => 9,
        _ => null,
    };

    /// <summary>Makes the GPU that of the thread.</summary>
    public void SetDevice(int index) => CheckCuda(_cudaSetDevice(index));

    /// <summary>Fills what the processes of a group find each other by, in <see cref="UniqueId.Size"/> bytes.</summary>
    public void GetUniqueId(Span<byte> id)
    {
        UniqueId made;
        Check(_getUniqueId(&made), "ncclGetUniqueId");
        MemoryMarshal.Write(id, made);
    }

    /// <summary>Begins to join; <see cref="IsReady"/> says when it is done.</summary>
    public nint BeginJoin(ReadOnlySpan<byte> id, int rank, int size)
    {
        nint communicator = 0;
        var config = new Config { Size = (nuint)sizeof(Config), Magic = 0xcafebeef, Version = FirstVersion, Blocking = 0 };
        Begin(_commInitRankConfig(&communicator, size, MemoryMarshal.Read<UniqueId>(id), rank, &config), communicator, "ncclCommInitRankConfig");
        return communicator;
    }

    /// <summary>Whether a communicator is done with what was begun on it, on the processor's side.</summary>
    /// <exception cref="NcclException">It failed, or that of another process.</exception>
    public bool IsReady(nint communicator)
    {
        int state;
        Check(_commGetAsyncError(communicator, &state), "ncclCommGetAsyncError");
        if (state == InProgress) return false;
        return state == Success ? true : throw new NcclException(Describe(state, communicator));
    }

    /// <summary>Whether the GPU of the thread is done with all that it was given.</summary>
    public bool IsGpuDone()
    {
        var state = _cudaStreamQuery(0);
        if (state != CudaNotReady) CheckCuda(state);
        return state == CudaSuccess;
    }

    public void BeginAllReduce(nint communicator, nint data, long count, int type, int operation) =>
        Begin(_allReduce(data, data, (nuint)count, type, operation, communicator, 0), communicator, "ncclAllReduce");

    public void BeginBroadcast(nint communicator, nint data, long count, int type, int root) =>
        Begin(_broadcast(data, data, (nuint)count, type, root, communicator, 0), communicator, "ncclBroadcast");

    public void BeginAllGather(nint communicator, nint output, nint input, long count, int type) =>
        Begin(_allGather(input, output, (nuint)count, type, communicator, 0), communicator, "ncclAllGather");

    /// <summary>Frees a communicator, and ends what is under way. Unlike <c>ncclCommDestroy</c> it does not wait for other processes.</summary>
    public void Abort(nint communicator) => _commAbort(communicator);

    private static (NcclLibrary? Library, string? Problem) Find()
    {
        TorchRuntime.EnsureLoaded();
        // libtorch's own file first, which the process has and by whose name all that it depends on is found; the packages name CUDA's runtime by a digest.
        if (!NativeLibrary.TryLoad("libtorch_cuda.so", out var libtorch)) return (null, "this process has no libtorch for CUDA");
        NativeLibrary.TryLoad("libnccl.so.2", out var system);
        try
        {
            return (new NcclLibrary(name =>
                NativeLibrary.TryGetExport(libtorch, name, out var address) || (system != 0 && NativeLibrary.TryGetExport(system, name, out address)) ? address
                : throw new EntryPointNotFoundException($"neither this libtorch nor the system has NCCL ({name})")), null);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or PlatformNotSupportedException or NcclException)
        {
            return (null, e.Message);
        }
    }

    private void Begin(int result, nint communicator, string function)
    {
        if (result is not (Success or InProgress)) throw new NcclException($"{function}: {Describe(result, communicator)}");
    }

    private string Describe(int result, nint communicator)
    {
        var (kind, last) = (Text(_getErrorString(result)), communicator == 0 ? "" : Text(_getLastError(communicator)));
        return last.Length == 0 ? kind : $"{kind} ({last})";
    }

    private void CheckCuda(int result)
    {
        if (result != CudaSuccess) throw new NcclException($"CUDA: {Text(_cudaGetErrorString(result))}");
    }

    private static void Check(int result, string function)
    {
        if (result != Success) throw new NcclException($"{function} failed with {result}");
    }

    private static string Text(byte* text) => (Marshal.PtrToStringUTF8((nint)text) ?? "").Trim().TrimEnd('.');

    /// <summary>ncclUniqueId.</summary>
    public struct UniqueId
    {
        public const int Size = 128;

        public fixed byte Bytes[Size];
    }

    /// <summary>ncclConfig_t as of 2.14; later ones are longer, and take what its size says.</summary>
    public struct Config
    {
        public nuint Size;
        public uint Magic;
        public uint Version;
        public int Blocking;
    }
}
