using System.Runtime.InteropServices;

namespace AltClip.Imaging;

/// <summary>Unmanaged memory that grows to the largest size asked of it and is used again, picture after picture.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private long _capacity;

    /// <summary>What was reserved last.</summary>
    public byte* Memory { get; private set; }

    /// <summary>The bytes there is room for.</summary>
    public long Capacity => Math.Max(_capacity - PillowResampler.Slack, 0);

    /// <summary>Memory for <paramref name="size"/> bytes and <see cref="PillowResampler.Slack"/> more. What was in it is lost.</summary>
    public byte* Reserve(long size)
    {
        if (size + PillowResampler.Slack > _capacity)
        {
            Dispose();
            Memory = (byte*)NativeMemory.Alloc((nuint)(size + PillowResampler.Slack));
            _capacity = size + PillowResampler.Slack;
        }
        return Memory;
    }

    /// <summary>As <see cref="Reserve"/>, but what was in the memory stays.</summary>
    public byte* Extend(long size)
    {
        if (size + PillowResampler.Slack > _capacity)
        {
            Memory = (byte*)NativeMemory.Realloc(Memory, (nuint)(size + PillowResampler.Slack));
            _capacity = size + PillowResampler.Slack;
        }
        return Memory;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(Memory);
        Memory = null;
        _capacity = 0;
    }
}
