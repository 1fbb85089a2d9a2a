using System.Security.Cryptography;
using System.Text;

namespace AltClip.Cli;

/// <summary>A folder or file with inputs, in an order that is the same each time.</summary>
/// <param name="path">Where it is.</param>
/// <param name="place">Its place among the job's inputs.</param>
internal abstract class InputSource(string path, int place)
{
    private (long Length, DateTime Written)? _file;

    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>How many inputs it has. The first call may read a part of the file.</summary>
    /// <exception cref="InvalidDataException">It can't be read.</exception>
    public abstract int Count { get; }

    /// <summary>Its place among the job's inputs.</summary>
    public int Place { get; } = place;

    /// <summary>Reads inputs one by one, as they are asked for.</summary>
    /// <param name="first">The first input's place.</param>
    /// <param name="count">How many.</param>
    public abstract IEnumerable<EmbedInput> Read(int first, int count);

    /// <summary>Adds what would be another if the inputs were others: their names or the bytes that list them, not what pictures show.</summary>
    public abstract void AddTo(IncrementalHash hash, int first, int count);

    /// <summary>Opens the file, which must be the one that was opened first: what was found in that one is true of no other.</summary>
    /// <exception cref="IOException">It can't be read, or was replaced or written to.</exception>
    protected FileStream Open()
    {
        var file = File.OpenRead(Path);
        var found = (file.Length, Written: File.GetLastWriteTimeUtc(file.SafeFileHandle));
        var (length, written) = _file ??= found;
        if (found == (length, written)) return file;
        file.Dispose();
        throw new IOException(
            $"{Path} was replaced or written to while it was read: found {found.Length} bytes of {found.Written:O}; expected {length} of {written:O}.");
    }

    /// <summary>Adds a text, so that no other texts in a row give the same.</summary>
    protected static void Add(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
