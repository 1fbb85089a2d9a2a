using System.Buffers.Binary;
using System.Text;

namespace AltClip.Native;

/// <summary>A symbol version that a shared library wants from one of the libraries it links to (a <c>.gnu.version_r</c> entry).</summary>
/// <param name="Library">The soname of the library that has to define the version, such as <c>libstdc++.so.6</c>.</param>
/// <param name="Version">The version's name, such as <c>GLIBCXX_3.4.30</c>.</param>
/// <param name="IsBound">Whether a relocation refers to a symbol of the version, so that the library cannot do without it.</param>
/// <param name="FlagsOffset">Where in the file the entry's flags are.</param>
internal sealed record ElfVersionNeed(string Library, string Version, bool IsBound, int FlagsOffset);

/// <summary>
/// The symbol versions of a 64-bit little-endian ELF shared library, read the way the dynamic loader reads them: from the
/// dynamic segment, never from the section table. Every offset is checked against the file.
/// </summary>
internal sealed class ElfImage
{
    private const uint LoadSegment = 1, DynamicSegment = 2;
    private const ulong EndOfTags = 0, PltRelocationsSizeTag = 2, StringsTag = 5, RelocationsTag = 7, RelocationsSizeTag = 8,
        StringsSizeTag = 10, RelWithoutAddendTag = 17, PltRelocationsTag = 23, SymbolVersionsTag = 0x6ffffff0,
        DefinitionsTag = 0x6ffffffc, DefinitionCountTag = 0x6ffffffd, NeedsTag = 0x6ffffffe, NeedCountTag = 0x6fffffff;
    private const ushort WeakVersion = 2;
    private const ushort VersionIndexMask = 0x7fff;

    private readonly byte[] _file;
    private readonly string _name;
    private readonly List<(ulong Address, ulong Offset, ulong Size)> _segments = [];
    private readonly Dictionary<ulong, ulong> _dynamic = [];

    /// <summary>Reads the headers and the dynamic segment.</summary>
    /// <param name="file">The whole file; it is not copied and must not change.</param>
    /// <param name="name">What messages call the file.</param>
    /// <exception cref="BadImageFormatException">The file is not an ELF shared library of the supported kind, or is damaged.</exception>
    public ElfImage(byte[] file, string name)
    {
        (_file, _name) = (file, name);
        if (file.Length < 64 || !file.AsSpan().StartsWith("\x7f"u8) || !file.AsSpan(1).StartsWith("ELF"u8))
            throw Bad("it does not begin with an ELF header");
        if (file[4] != 2)
            throw Bad($"its ELF class is {file[4]}; only 64-bit files (class 2) are supported");
        if (file[5] != 1)
            throw Bad($"its ELF data encoding is {file[5]}; only little-endian files (encoding 1) are supported");
        if (U16(16) is var type and not 3)
            throw Bad($"its ELF type is {type}; only shared libraries (type 3) are supported");
        if (U16(54) is var entrySize and not 56)
            throw Bad($"its program headers are {entrySize} bytes long instead of 56");

        ReadSegments(Position(U64(32), (ulong)U16(56) * 56, "program header table"), U16(56));
        Needs = ReadNeeds();
        Definitions = ReadDefinitions();
    }

    /// <summary>Gets the versions this library wants from others.</summary>
    public IReadOnlyList<ElfVersionNeed> Needs { get; }

    /// <summary>Gets the names of the versions this library defines.</summary>
    public IReadOnlyList<string> Definitions { get; }

    /// <summary>
    /// A copy of the file in which the given versions are weak: the loader goes on where the other library lacks a weak version.
    /// </summary>
    /// <param name="versions">Entries of <see cref="Needs"/> that are not bound.</param>
    /// <returns>The bytes of the adapted library.</returns>
    /// <exception cref="ArgumentException">A version is bound: without it the library would load and then crash.</exception>
    public byte[] WithWeakVersions(IEnumerable<ElfVersionNeed> versions)
    {
        var copy = (byte[])_file.Clone();
        foreach (var need in versions)
        {
            if (need.IsBound)
                throw new ArgumentException($"'{_name}' calls functions of version {need.Version} of {need.Library}.", nameof(versions));
            var flags = (ushort)(U16(need.FlagsOffset) | WeakVersion);
            BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(need.FlagsOffset), flags);
        }
        return copy;
    }

    private void ReadSegments(int table, int count)
    {
        var dynamic = (Offset: 0UL, Size: 0UL);
        for (var i = 0; i < count; i++)
        {
            var at = table + i * 56;
            var (type, offset, address, size) = (U32(at), U64(at + 8), U64(at + 16), U64(at + 32));
            if (type is LoadSegment or DynamicSegment)
                Position(offset, size, "segment");
            if (type == LoadSegment)
                _segments.Add((address, offset, size));
            else if (type == DynamicSegment)
                dynamic = (offset, size);
        }
        if (dynamic.Size == 0)
            throw Bad("it has no dynamic segment");
        for (var at = (int)dynamic.Offset; at + 16 <= (int)(dynamic.Offset + dynamic.Size) && U64(at) != EndOfTags; at += 16)
            _dynamic[U64(at)] = U64(at + 8);
    }

    private List<ElfVersionNeed> ReadNeeds()
    {
        var bound = BoundVersions();
        var needs = new List<ElfVersionNeed>();
        foreach (var need in Chain(NeedsTag, _dynamic.GetValueOrDefault(NeedCountTag), 16, 12, "version needs"))
        {
            var library = Text(U32(need + 4));
            foreach (var entry in Chain(Advance(need, U32(need + 8), 16, "version need"), U16(need + 2), 16, 12, "version need"))
                needs.Add(new(library, Text(U32(entry + 8)), bound.Contains(U16(entry + 6)), entry + 4));
        }
        return needs;
    }

    private List<string> ReadDefinitions()
    {
        var definitions = new List<string>();
        foreach (var definition in Chain(DefinitionsTag, _dynamic.GetValueOrDefault(DefinitionCountTag), 20, 16, "version definitions"))
            definitions.Add(Text(U32(Advance(definition, U32(definition + 12), 8, "version definition"))));
        return definitions;
    }

    /// <summary>The numbers of the versions whose symbols some relocation refers to.</summary>
    private HashSet<ushort> BoundVersions()
    {
        if (_dynamic.ContainsKey(RelWithoutAddendTag))
            throw Bad("it has relocations without addends");
        var versions = new HashSet<ushort>();
        Collect(RelocationsTag, RelocationsSizeTag);
        Collect(PltRelocationsTag, PltRelocationsSizeTag);
        return versions;

        void Collect(ulong tableTag, ulong sizeTag)
        {
            if (!_dynamic.TryGetValue(tableTag, out var address))
                return;
            var size = _dynamic.GetValueOrDefault(sizeTag);
            var table = Map(address, size, "relocations");
            for (var at = table; at + 24 <= table + (int)size; at += 24)
            {
                if (U32(at + 12) is var symbol and not 0)
                    versions.Add((ushort)(U16(Map(Tag(SymbolVersionsTag) + symbol * 2UL, 2, "symbol versions")) & VersionIndexMask));
            }
        }
    }

    private IEnumerable<int> Chain(ulong tag, ulong count, int size, int nextField, string what) =>
        _dynamic.TryGetValue(tag, out var address) ? Chain(Map(address, (ulong)size, what), count, size, nextField, what) : [];

    /// <summary>The positions of the records of a linked list whose links are relative to the record.</summary>
    private IEnumerable<int> Chain(int first, ulong count, int size, int nextField, string what)
    {
        var at = first;
        for (var i = 0UL; i < count; i++)
        {
            yield return at;
            var next = U32(at + nextField);
            if (next == 0 && i + 1 < count)
                throw Bad($"its list of {what} ends after {i + 1} of {count} entries");
            at = i + 1 < count ? Advance(at, next, size, what) : at;
        }
    }

    private int Advance(int at, uint by, int size, string what) => Position((ulong)at + by, (ulong)size, what);

    private string Text(uint offset)
    {
        var limit = Tag(StringsSizeTag);
        if (offset >= limit)
            throw Bad($"a name lies at {offset} in a string table of {limit} bytes");
        var text = _file.AsSpan(Map(Tag(StringsTag) + offset, limit - offset, "string table"), (int)(limit - offset));
        var end = text.IndexOf((byte)0);
        return end >= 0 ? Encoding.ASCII.GetString(text[..end]) : throw Bad("a name in its string table has no end");
    }

    private ulong Tag(ulong tag) => _dynamic.TryGetValue(tag, out var value) ? value : throw Bad($"its dynamic tag 0x{tag:x} is missing");

    /// <summary>The position in the file of what the loader puts at an address.</summary>
    private int Map(ulong address, ulong size, string what)
    {
        foreach (var segment in _segments)
        {
            var within = address - segment.Address;
            if (address >= segment.Address && within <= segment.Size && size <= segment.Size - within)
                return (int)(segment.Offset + within);
        }
        throw Bad($"its {what} (0x{size:x} bytes at 0x{address:x}) lie in no loaded segment");
    }

    private int Position(ulong offset, ulong size, string what) =>
        offset <= (ulong)_file.Length && size <= (ulong)_file.Length - offset
            ? (int)offset
            : throw Bad($"its {what} (0x{size:x} bytes at offset 0x{offset:x}) reaches beyond the file's 0x{_file.Length:x} bytes");

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    private ulong U64(int at) => BinaryPrimitives.ReadUInt64LittleEndian(_file.AsSpan(at));

    private BadImageFormatException Bad(string reason) => new($"'{_name}' cannot be read: {reason}.");
}
