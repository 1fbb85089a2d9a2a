using System.Diagnostics.CodeAnalysis;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Checkpoints;

/// <summary>
/// A file in the safetensors format, opened without reading its tensors: <see cref="Open"/> checks the header and maps the file into
/// memory, and each tensor is a view of that map, so that a file of any size is open at once, its weights are not copied, and processes
/// that use it share the operating system's page cache.
/// </summary>
/// <example>
/// <code>
/// using var file = SafeTensors.Open("model.safetensors");
/// using Tensor weight = file["text_projection.weight"];
/// SafeTensors.Save("copy.safetensors", new Dictionary&lt;string, Tensor&gt; { ["weight"] = weight }, new Dictionary&lt;string, string&gt; { ["format"] = "pt" });
/// </code>
/// </example>
/// <remarks>
/// <para>The types <c>BOOL</c>, <c>U8</c>, <c>I8</c>, <c>I16</c>, <c>I32</c>, <c>I64</c>, <c>F16</c>, <c>BF16</c>, <c>F32</c> and
/// <c>F64</c> are read and written; the format's other types do not exist in TorchSharp and are refused by name.</para>
/// <para>As in the format's own library, a header may have 100 MB, begins with <c>{</c>, and its tensors cover the rest of the file
/// without gap or overlap.</para>
/// <para>A tensor may be used, written to and disposed on any thread. While one lives, the file must not be shortened in place
/// (replacing it by a move, as <see cref="Save"/> does, is safe except on Windows, where the system refuses it).</para>
/// </remarks>
public sealed class SafeTensors : ITensorSource
{
    private readonly TensorFile _file;
    private readonly Dictionary<string, TensorEntry> _entries;

    private SafeTensors(TensorFile file)
    {
        var header = new SafeTensorsHeaderReader(file).Read();
        file.Map(header.Entries);
        _file = file;
        _entries = header.Entries.ToDictionary(entry => entry.Info.Name);
        Tensors = [.. header.Entries.Select(entry => entry.Info)];
        Metadata = header.Metadata;
    }

    /// <summary>The path that was opened.</summary>
    public string Path => _file.Path;

    /// <summary>Name, type and shape of every tensor, in the order of their bytes in the file.</summary>
    public IReadOnlyList<SafeTensorInfo> Tensors { get; }

    /// <summary>The names of the tensors, in the order of their bytes in the file.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>The strings that the file carries beside its tensors, such as <c>format</c> = <c>pt</c>; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    string ITensorSource.Location => Path;

    IReadOnlyList<string> ITensorSource.Files => [Path];

    string? ITensorSource.Replaced => _file.IsCurrent ? null : Path;

    string? ITensorSource.Written => _file.WasWritten ? Path : null;

    /// <summary>The tensor of a name; see <see cref="GetTensor"/>.</summary>
    /// <param name="name">The tensor's name, case-sensitive.</param>
    /// <returns>A new tensor, which the caller disposes.</returns>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Tensor this[string name] => GetTensor(name);

    /// <summary>Opens a safetensors file and checks its header; no tensor is read.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The open file, which the caller disposes. The tensors taken from it stay valid afterwards.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is malformed; the message says how and where.</exception>
    public static SafeTensors Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TensorFile.Open(path, file => new SafeTensors(file));
    }

    /// <summary>
    /// Writes tensors to a safetensors file, byte for byte as the format's own library does: the header padded with spaces to a multiple
    /// of 8 bytes, the tensors ordered by type (largest alignment first), then by name. The same tensors always give the same file.
    /// </summary>
    /// <param name="path">The file. It is written beside under another name and then moved, so that it is never seen half-written.</param>
    /// <param name="tensors">
    /// Dense tensors by name, on any device, of any strides. They are copied to contiguous CPU memory one at a time where they are not
    /// there already. Tensors that share memory are each written in full.
    /// </param>
    /// <param name="metadata">Strings to carry beside the tensors. transformers reads a file only if <c>format</c> is <c>pt</c> here.</param>
    /// <exception cref="ArgumentException">
    /// A name occurs twice or is the reserved <c>__metadata__</c>, or a tensor is disposed, sparse, without data, or of a type that the
    /// format does not have. Nothing was written.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written. Nothing is left of it.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        var writer = new SafeTensorsWriter(tensors, metadata);
        using var staged = new StagedFiles();
        using (var stream = staged.Create(path))
            writer.Write(stream);

        staged.Commit();
    }

    /// <summary>The tensor of a name: a view of the mapped file.</summary>
    /// <param name="name">The tensor's name, case-sensitive.</param>
    /// <returns>
    /// A new contiguous CPU tensor of the stored type and shape, which the caller disposes and which stays valid after the file is
    /// closed. Its memory is the file's pages, loaded by the operating system when first touched. Writing to it gives this process its
    /// own copy of the pages written to (other tensors of that name from this object see it); the file never changes. Where an old
    /// writer left an offset that is not a multiple of the element's size, the tensor is a copy.
    /// </returns>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Tensor GetTensor(string name) => _file.Read(Find(name));

    /// <summary>The tensor of a name, if the file has it; see <see cref="GetTensor"/>.</summary>
    /// <param name="name">The tensor's name, case-sensitive.</param>
    /// <param name="tensor">A new tensor, which the caller disposes; null if the file has none of that name.</param>
    /// <returns>Whether the file has it.</returns>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out Tensor? tensor)
    {
        ArgumentNullException.ThrowIfNull(name);
        tensor = _entries.TryGetValue(name, out var entry) ? _file.Read(entry) : null;
        return tensor is not null;
    }

    /// <summary>Type and shape of a tensor.</summary>
    /// <param name="name">The tensor's name, case-sensitive.</param>
    /// <returns>Its description.</returns>
    /// <exception cref="KeyNotFoundException">The file has no tensor of that name.</exception>
    public SafeTensorInfo Describe(string name) => Find(name).Info;

    /// <summary>Closes the file. Tensors taken from it stay valid.</summary>
    public void Dispose() => _file.Dispose();

    Tensor ITensorSource.Read(string name) => GetTensor(name);

    TensorRows? ITensorSource.Rows(string name) => _file.Rows(Find(name));

    private TensorEntry Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _entries.TryGetValue(name, out var entry) ? entry : throw new KeyNotFoundException($"'{Path}' has no tensor '{name}'.");
    }
}
