using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Native;

/// <summary>
/// TorchSharp 0.107 goes on counting a tensor that became a parameter although nothing is left of it. Users watch
/// <see cref="Tensor.TotalCount"/> for leaks, so what we make is counted once.
/// </summary>
internal static class ParameterCount
{
    private const string CountField = "_totalCount";

    /// <summary>Whether this version of TorchSharp does so; tensors of other threads may disturb one look at it.</summary>
    private static readonly bool CountsTwice = TriedVersions.HaveTorchSharp
        && typeof(Tensor).GetField(CountField, BindingFlags.Static | BindingFlags.NonPublic)?.FieldType == typeof(long)
        && Enumerable.Range(0, 5).Any(_ => Counted() == 2);

    /// <summary>Takes the tensor that became a parameter out of the count.</summary>
    public static void Uncount()
    {
        if (CountsTwice) Interlocked.Decrement(ref TotalCount(null));
    }

    private static long Counted()
    {
        var before = Tensor.TotalCount;
        var parameter = new Parameter(empty(0, float32, CPU));
        var counted = Tensor.TotalCount - before;
        parameter.Dispose();
        if (counted == 2) Interlocked.Decrement(ref TotalCount(null));
        return counted;
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = CountField)]
    private static extern ref long TotalCount(Tensor? tensor);
}
