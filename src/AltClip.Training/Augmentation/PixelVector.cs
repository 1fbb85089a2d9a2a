using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AltClip.Training.Augmentation;

/// <summary>A pixel of four bytes as four floating-point numbers.</summary>
internal static class PixelVector
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(uint pixel) =>
        Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte())).AsInt32());

    /// <summary>The numbers without their fractions, those below 0 as 0 and those above 255 as 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Store(Vector128<float> pixel)
    {
        var numbers = Vector128.ConvertToInt32Native(Vector128.Min(Vector128.Max(pixel, Vector128<float>.Zero), Vector128.Create(255f)));
        return Vector128.Narrow(Vector128.Narrow(numbers, numbers).AsUInt16(), default).AsUInt32()[0];
    }
}
