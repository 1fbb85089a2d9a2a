using System.Buffers.Binary;
using System.Runtime.Versioning;
using AltClip.Native;
using Xunit;

namespace AltClip.Tests;

[SupportedOSPlatform("linux")]
public class ElfImageTests
{
    private const int DynamicSegmentOffset = 64 + (4 * 56) + 8;

    private readonly byte[] _torchSharp;

    public ElfImageTests()
    {
        NativeFiles.RequireLinux();
        _torchSharp = File.ReadAllBytes(NativeFiles.TorchSharp);
    }

    [Fact]
    public void ReadsWhatTorchSharpNeeds()
    {
        var needs = new ElfImage(_torchSharp, "t").Needs;

        Assert.Equal(29 - 1, needs.Count);
        Assert.Equal(["ld-linux-x86-64.so.2", "libm.so.6", "libgcc_s.so.1", "libc.so.6", "libstdc++.so.6"], needs.Select(need => need.Library).Distinct());
        Assert.False(needs.Single(need => need.Version == "GLIBCXX_3.4.32").IsBound);
        Assert.True(needs.Single(need => need.Version == "GLIBCXX_3.4.30").IsBound);
        Assert.True(needs.Single(need => need.Version == "GLIBC_2.34").IsBound);
    }

    [Fact]
    public void ReadsWhatLibcDefines()
    {
        var libc = LoadedLibrary.Find("libc.so.6")!;

        Assert.Contains("GLIBC_2.2.5", libc.Versions);
        Assert.Matches(@"^GLIBC_2\.\d+$", libc.NewestLike("GLIBC_2.2.5"));
        Assert.Null(libc.NewestLike("NOBODY_1.0"));
    }

    [Fact]
    public void WeakensOneVersionAndNothingElse()
    {
        var before = (byte[])_torchSharp.Clone();
        var image = new ElfImage(_torchSharp, "t");
        var marker = image.Needs.Single(need => need.Version == "GLIBCXX_3.4.32");

        var adapted = image.WithWeakVersions([marker]);

        Assert.Equal(before, _torchSharp);
        Assert.Equal([marker.FlagsOffset], Enumerable.Range(0, adapted.Length).Where(i => adapted[i] != before[i]));
        Assert.Equal(2, adapted[marker.FlagsOffset]);
        Assert.Equal(image.Needs, new ElfImage(adapted, "t").Needs);
        Assert.Equal(adapted, new ElfImage(adapted, "t").WithWeakVersions([marker]));
    }

    [Fact]
    public void RefusesToWeakenAVersionInUse()
    {
        var image = new ElfImage(_torchSharp, "t");
        var used = image.Needs.Single(need => need.Version == "GLIBCXX_3.4.30");

        Assert.Contains("'t' calls functions of version GLIBCXX_3.4.30", Assert.Throws<ArgumentException>(() => image.WithWeakVersions([used])).Message);
    }

    [Theory]
    [InlineData(0, 'M', "does not begin with an ELF header")]
    [InlineData(4, 1, "ELF class is 1; only 64-bit")]
    [InlineData(5, 2, "data encoding is 2; only little-endian")]
    [InlineData(16, 2, "ELF type is 2; only shared libraries")]
    [InlineData(39, 1, "program header table (0x230 bytes at offset 0x100000000000040) reaches beyond the file")]
    [InlineData(54, 55, "program headers are 55 bytes long instead of 56")]
    [InlineData(56, 0, "has no dynamic segment")]
    [InlineData(DynamicSegmentOffset + 7, 1, "segment")]
    public void RefusesADamagedHeader(int at, byte value, string reason)
    {
        _torchSharp[at] = value;

        var refused = Assert.Throws<BadImageFormatException>(() => new ElfImage(_torchSharp, "name.so"));

        Assert.StartsWith("'name.so' cannot be read: ", refused.Message);
        Assert.Contains(reason, refused.Message);
    }

    [Theory]
    [InlineData(5UL, "no loaded segment")]
    [InlineData(7UL, "relocations")]
    [InlineData(10UL, "string table")]
    [InlineData(0x6ffffff0UL, "symbol versions")]
    [InlineData(0x6ffffffeUL, "version needs")]
    [InlineData(0x6fffffffUL, "list of version needs ends after 5 of")]
    public void RefusesADamagedDynamicEntry(ulong tag, string reason)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_torchSharp.AsSpan(DynamicEntry(tag) + 8), long.MaxValue);

        Assert.Contains(reason, Assert.Throws<BadImageFormatException>(() => new ElfImage(_torchSharp, "t")).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(623)]
    [InlineData(0x3f8f0)]
    [InlineData(0x1d4b18)]
    public void RefusesACutFile(int length) =>
        Assert.Throws<BadImageFormatException>(() => new ElfImage(_torchSharp[..length], "t"));

    [Fact]
    public void NeverLeavesTheFileHoweverItIsDamaged()
    {
        var random = new Random(1);
        var needs = BinaryPrimitives.ReadUInt64LittleEndian(_torchSharp.AsSpan(DynamicEntry(0x6ffffffe) + 8));
        (int Start, int Length)[] places = [(0, 624), ((int)DynamicOffset, 624), ((int)needs, 528)];
        var refused = 0;
        for (var i = 0; i < 500; i++)
        {
            var (start, length) = places[i % places.Length];
            var at = start + random.Next(length);
            var was = _torchSharp[at];
            _torchSharp[at] ^= (byte)random.Next(1, 256);
            try
            {
                _ = new ElfImage(_torchSharp, "t").Needs;
            }
            catch (BadImageFormatException)
            {
                refused++;
            }
            _torchSharp[at] = was;
        }
        Assert.InRange(refused, 50, 450);
    }

    private ulong DynamicOffset => BinaryPrimitives.ReadUInt64LittleEndian(_torchSharp.AsSpan(DynamicSegmentOffset));

    private int DynamicEntry(ulong tag)
    {
        var at = (int)DynamicOffset;
        while (BinaryPrimitives.ReadUInt64LittleEndian(_torchSharp.AsSpan(at)) != tag)
            at += 16;
        return at;
    }
}
