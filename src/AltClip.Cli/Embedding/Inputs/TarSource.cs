using System.Formats.Tar;
using System.Security.Cryptography;
using AltClip.Imaging;
using AltClip.Training.Data;

namespace AltClip.Cli;

/// <summary>The pictures of an uncompressed tar file, as webdataset and img2dataset write them.</summary>
/// <remarks>The headers are read once, for the places of the pictures; a share then reads nothing but its own bytes.</remarks>
internal sealed class TarSource(string path, int place, string? label = null) : InputSource(path, place, label)
{
    private List<(string Name, long Offset, long Length)>? _members;

    /// <inheritdoc/>
    public override int Count => Members.Count;

    /// <inheritdoc/>
    public override string IdStart => NameInFile("/");

    private List<(string Name, long Offset, long Length)> Members => _members ??= ReadHeaders();

    /// <inheritdoc/>
    public override IEnumerable<EmbedInput> Read(int first, int count)
    {
        using var file = Open();
        for (var i = first; i < first + count; i++)
        {
            var (name, offset, length) = Members[i];
            var input = new EmbedInput(Id(NameInFile($"/{name}"), i), Place, i);
            if (length > Array.MaxLength)
            {
                yield return input with { Error = $"It has {length} bytes, more than a picture's file may have." };
                continue;
            }
            var bytes = new byte[length];
            for (var done = 0; done < bytes.Length;)
            {
                var read = RandomAccess.Read(file.SafeFileHandle, bytes.AsSpan(done), offset + done);
                if (read == 0) throw new EndOfStreamException($"{Path} has become shorter while it was read.");
                done += read;
            }
            yield return input with { Picture = bytes };
        }
    }

    /// <inheritdoc/>
    public override void AddTo(IncrementalHash hash, int first, int count)
    {
        foreach (var (name, _, length) in Members.Skip(first).Take(count))
        {
            Add(hash, name);
            hash.AppendData(BitConverter.GetBytes(length));
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<string> Names() => Members.Select(member => NameInFile($"/{member.Name}"));

    private List<(string Name, long Offset, long Length)> ReadHeaders()
    {
        using var file = Open();
        if (file.ReadByte() == 0x1F && file.ReadByte() == 0x8B)
            throw new EmbedException($"{Path} is compressed; expected a tar file as it is.");
        file.Position = 0;
        List<(string Name, long Offset, long Length)> members = [];
        try
        {
            using var tar = new TarHeaders(file);
            while (tar.Next() is { } entry)
            {
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !ImageFormats.IsPicture(entry.Name)) continue;
                if (entry.Length > file.Length - entry.DataOffset)
                    throw new EmbedException($"{Path}: {entry.Name} goes on past the end of the file.");
                members.Add((entry.Name, entry.DataOffset, entry.Length));
            }
        }
        catch (InvalidDataException error)
        {
            throw new EmbedException($"{Path} is no whole tar file: {error.Message}", error);
        }
        return members;
    }
}
