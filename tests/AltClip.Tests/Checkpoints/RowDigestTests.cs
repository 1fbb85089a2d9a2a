using AltClip.Checkpoints;
using Xunit;

namespace AltClip.Tests;

public sealed class RowDigestTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(96)]
    [InlineData(101)]
    public void EveryBitCounts(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        var digest = RowDigest.Of(bytes);
        for (var bit = 0; bit < 8 * length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.True(digest != RowDigest.Of(bytes), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void ThePlaceOfWordsCounts()
    {
        byte[] bytes = [.. Enumerable.Range(0, 128).Select(i => (byte)(i / 8))];
        var digests = new HashSet<ulong>();
        for (var word = 8; word < bytes.Length; word += 8) digests.Add(RowDigest.Of([.. bytes[word..], .. bytes[..word]]));
        Assert.Equal(15, digests.Count);
    }
}
