using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace AltClip.Imaging;

/// <summary>Pixels side by side in a vector of 32-bit integers, a lane a channel; as many as the processor has room for.</summary>
internal unsafe interface IPixelVector<TSelf>
    where TSelf : struct, IPixelVector<TSelf>
{
    /// <summary>The number of pixels.</summary>
    static abstract int Count { get; }

    /// <summary>The pixels at an address.</summary>
    static abstract TSelf Load(byte* pixels);

    /// <summary>The weights at an address, one a pixel.</summary>
    static abstract TSelf LoadWeights(int* weights);

    /// <summary>The same weight, or the same sum to begin with, for all pixels.</summary>
    static abstract TSelf Repeat(int number);

    /// <summary>Adds pixels times weights to a sum.</summary>
    static abstract TSelf Add(TSelf sum, TSelf pixels, TSelf weights);

    /// <summary>Stores four sums one after another as the bytes that they stand for.</summary>
    static abstract void Store(TSelf a, TSelf b, TSelf c, TSelf d, byte* result);

    /// <summary>The sum of the pixels.</summary>
    Vector128<int> Total();
}

/// <summary>One pixel: NEON and what is as wide.</summary>
internal readonly unsafe struct OnePixel(Vector128<int> lanes) : IPixelVector<OnePixel>
{
    private readonly Vector128<int> _lanes = lanes;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OnePixel Load(byte* pixels)
    {
        if (Sse41.IsSupported)
            return new(Sse41.ConvertToVector128Int32(pixels));
        var bytes = Vector128.CreateScalarUnsafe(*(uint*)pixels).AsByte();
        return new(Vector128.WidenLower(Vector128.WidenLower(bytes)).AsInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OnePixel LoadWeights(int* weights) => Repeat(*weights);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OnePixel Repeat(int number) => new(Vector128.Create(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OnePixel Add(OnePixel sum, OnePixel pixels, OnePixel weights) => new(sum._lanes + pixels._lanes * weights._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(OnePixel a, OnePixel b, OnePixel c, OnePixel d, byte* result) =>
        PillowResampler.ToBytes(a._lanes, b._lanes, c._lanes, d._lanes).Store(result);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<int> Total() => _lanes;
}

/// <summary>Two pixels: AVX2.</summary>
internal readonly unsafe struct TwoPixels(Vector256<int> lanes) : IPixelVector<TwoPixels>
{
    private readonly Vector256<int> _lanes = lanes;

    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoPixels Load(byte* pixels) => new(Avx2.ConvertToVector256Int32(pixels));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoPixels LoadWeights(int* weights) =>
        new(Vector256.Shuffle(Vector256.Create(*(long*)weights).AsInt32(), Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoPixels Repeat(int number) => new(Vector256.Create(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoPixels Add(TwoPixels sum, TwoPixels pixels, TwoPixels weights) => new(sum._lanes + pixels._lanes * weights._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TwoPixels a, TwoPixels b, TwoPixels c, TwoPixels d, byte* result)
    {
        PillowResampler.ToBytes(a._lanes.GetLower(), a._lanes.GetUpper(), b._lanes.GetLower(), b._lanes.GetUpper()).Store(result);
        PillowResampler.ToBytes(c._lanes.GetLower(), c._lanes.GetUpper(), d._lanes.GetLower(), d._lanes.GetUpper()).Store(result + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<int> Total() => _lanes.GetLower() + _lanes.GetUpper();
}
