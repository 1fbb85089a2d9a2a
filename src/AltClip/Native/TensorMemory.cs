using System.Runtime.InteropServices;
using TorchSharp;

namespace AltClip.Native;

/// <summary>Where a tensor's numbers lie. TorchSharp tells it of tensors on the processor alone.</summary>
internal static unsafe class TensorMemory
{
    private static readonly delegate* unmanaged<nint, nint> Data = (delegate* unmanaged<nint, nint>)NativeLibrary.GetExport(
        NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null), "THSTensor_data");

    /// <summary>The address of a tensor's first number, in the memory of its device.</summary>
    public static nint Address(torch.Tensor tensor)
    {
        var address = Data(tensor.Handle);
        GC.KeepAlive(tensor);
        return address;
    }
}
