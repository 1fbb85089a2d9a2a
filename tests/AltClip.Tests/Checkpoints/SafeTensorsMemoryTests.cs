using System.Buffers.Binary;
using System.Text;
using AltClip.Checkpoints;
using Xunit;

namespace AltClip.Tests;

public class SafeTensorsMemoryTests : CheckpointTests
{
    private const long Elements = 75_000_000;

    [Fact]
    public void OpeningALargeFileTakesNoMemory()
    {
        string path = Folder.File("large.safetensors");
        CreateSparse(path);
        SafeTensors.Open(path).Dispose();

        long before = Environment.WorkingSet;
        using var file = SafeTensors.Open(path);
        using var x = file["x"];
        using var last = x[Elements - 1];
        Assert.Equal(0, last.item<float>());
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, Elements * sizeof(float) / 10);

        // The measure is one that notices: reading every element brings in every page.
        using var sum = x.sum();
        Assert.Equal(0, sum.item<float>());
        Assert.InRange(Environment.WorkingSet - before, Elements * sizeof(float) / 2, long.MaxValue);
    }

    private static void CreateSparse(string path)
    {
        byte[] header = Encoding.UTF8.GetBytes(SafeTensorsBytes.Tensor("x", "F32", $"[{Elements}]", $"[0,{Elements * sizeof(float)}]"));
        header = [.. header, .. Enumerable.Repeat((byte)' ', 8 - header.Length % 8)];
        var prefix = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        using var stream = File.Create(path);
        stream.Write(prefix);
        stream.Write(header);
        stream.SetLength(prefix.Length + header.Length + Elements * sizeof(float));
    }
}
