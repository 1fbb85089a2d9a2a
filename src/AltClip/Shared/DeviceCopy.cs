using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Shared;

/// <summary>Copies what was prepared on the CPU to where it is computed.</summary>
internal static class DeviceCopy
{
    /// <summary>
    /// A tensor on a device, itself if it is there already. To an NVIDIA GPU it goes from memory that stays in its place, and the caller doesn't
    /// wait for it: what the GPU is given after it does.
    /// </summary>
    public static Tensor ToDevice(this Tensor tensor, Device device)
    {
        if (device.type != DeviceType.CUDA || tensor.device_type != DeviceType.CPU) return tensor.to(device);
        using var pinned = tensor.pin_memory();
        return pinned.to(device, non_blocking: true);
    }
}
