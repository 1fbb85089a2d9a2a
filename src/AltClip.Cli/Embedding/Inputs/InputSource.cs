using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AltClip.Cli;

/// <summary>A folder or file with inputs, in an order that is the same each time.</summary>
/// <param name="path">Where it is.</param>
/// <param name="place">Its place among the job's inputs.</param>
/// <param name="label">What its ids begin with in their long form; null for the short one.</param>
internal abstract class InputSource(string path, int place, string? label)
{
    private (long Length, DateTime Written)? _file;
    private HashSet<int>? _repeats;

    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>How many inputs it has. The first call may read a part of the file.</summary>
    /// <exception cref="EmbedException">It can't be read.</exception>
    public abstract int Count { get; }

    /// <summary>Its place among the job's inputs.</summary>
    public int Place { get; } = place;

    /// <summary>What all its ids begin with, where that is known from names of files alone; else empty.</summary>
    public virtual string IdStart => "";

    /// <summary>How many inputs are called as one before them in this file; their ids end in <c>#</c> and their place.</summary>
    /// <exception cref="EmbedException">The file can't be read, or an input is already called what another would be then.</exception>
    public int Repeats => RepeatPlaces.Count;

    /// <summary>Whether two inputs may be called the same.</summary>
    protected virtual bool MayRepeat => true;

    private HashSet<int> RepeatPlaces => _repeats ??= MayRepeat ? FindRepeats() : [];

    /// <summary>The ids of all inputs, in their order and each once. No picture is read.</summary>
    /// <exception cref="EmbedException">As <see cref="Repeats"/>.</exception>
    public IEnumerable<string> Ids() => Names().Select(Id);

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
    /// <summary>What the inputs are called, in their order.</summary>
    protected abstract IEnumerable<string> Names();

    /// <summary>An input's name by what its owner calls it.</summary>
    protected string Name(string own) => label is null ? own : $"{label}/{own}";

    /// <summary>An input's name by its file's.</summary>
    protected string NameInFile(string rest) => $"{label ?? System.IO.Path.GetFileName(Path)}{rest}";

    /// <summary>The id of an input, which is its name if that is no other's before it.</summary>
    protected string Id(string name, int index) => RepeatPlaces.Contains(index) ? AtPlace(name, index) : name;

    /// <summary>Adds a text, so that no other texts in a row give the same.</summary>
    protected static void Add(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }

    private static string AtPlace(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}#{index}");

    private HashSet<int> FindRepeats()
    {
        var (seen, repeats) = (new IdSet(), new HashSet<int>());
        foreach (var (index, name) in Names().Index())
        {
            if (!seen.Add(name)) repeats.Add(index);
        }
        if (repeats.Count == 0) return repeats;
        foreach (var (index, name) in Names().Index().Where(input => repeats.Contains(input.Index)))
        {
            if (!seen.Add(AtPlace(name, index)))
                throw new EmbedException($"{Path}: two inputs are called {name}, and a third {AtPlace(name, index)}; expected an id for each.");
        }
        return repeats;
    }
}
