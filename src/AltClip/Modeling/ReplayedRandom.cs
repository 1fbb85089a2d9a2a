using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>
/// Random numbers drawn a second time, as dropout needs when a layer is computed again. On the CPU that is the generator's state; TorchSharp
/// gives no access to that of other devices' generators, which begin from a seed instead. Disposing it has the CPU's generator go on from
/// where it was.
/// </summary>
internal sealed class ReplayedRandom : IDisposable
{
    private readonly Tensor _before = get_rng_state().DetachFromDisposeScope();

    /// <summary>Notes where random numbers begin.</summary>
    /// <returns>A tensor for <see cref="Replay"/>; the caller disposes it.</returns>
    public static Tensor Begin(Device device)
    {
        if (device.type == DeviceType.CPU) return get_rng_state();
        var seed = randint(0, 1L << 53, [1], dtype: ScalarType.Int64, device: CPU);
        using (manual_seed(seed.item<long>())) return seed;
    }

    /// <summary>Has the same numbers come again.</summary>
    public static void Replay(Tensor begin, Device device)
    {
        if (device.type == DeviceType.CPU) set_rng_state(begin);
        else using (manual_seed(begin.item<long>())) { }
    }

    public void Dispose()
    {
        set_rng_state(_before);
        _before.Dispose();
    }
}
