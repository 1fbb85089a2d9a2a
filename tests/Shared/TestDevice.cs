using AltClip.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>
/// Where the tests of devices compute: on the one that the environment variable names, which must be there; on the CPU if it names none.
/// </summary>
internal static class TestDevice
{
    public const string Variable = "ALTCLIP_TEST_DEVICE";

    public static Device Current => TorchDevices.Get(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? name : "cpu");

    /// <summary>How far from the CPU's numbers of size 1 float32 may be: nothing on the CPU itself; elsewhere products may be of TF32.</summary>
    public static double Tolerance => Current.type == DeviceType.CPU ? 1e-5 : 5e-3;

    /// <summary>
    /// Until the result is disposed, a tensor that is made without saying where has no memory: whatever forgets its operands' device fails, on a
    /// machine without a GPU too.
    /// </summary>
    public static IDisposable ForgottenDevicesFail() => new Meta();

    private sealed class Meta : IDisposable
    {
        private readonly Device _before = get_default_device();

        public Meta() => set_default_device(META);

        public void Dispose() => set_default_device(_before);
    }
}
