using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Inference.Kernels.OneDnn;

/// <summary>
/// Makes a TorchScript archive of <c>Encoder.py</c>. An archive's code may name operators outside of aten, such as oneDNN's packed products,
/// and runs a whole encoder as one call.
/// </summary>
internal static class OneDnnArchive
{
    private const string Module = "Encoder";

    /// <summary>Loads the encoder's code.</summary>
    /// <remarks>Code that names an operator which this libtorch lacks ends the process: TorchSharp doesn't catch what libtorch throws then.</remarks>
    public static jit.ScriptModule Load() => jit.load(Archive(Source()), DeviceType.CPU);

    private static byte[] Archive(string code)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "data.pkl", PickledModule());
            Add(zip, "code/__torch__.py", Encoding.UTF8.GetBytes(code));
            Add(zip, "constants.pkl", [0x80, 2, (byte)')', (byte)'.']); // protocol 2, an empty tuple
            Add(zip, "version", "10\n"u8.ToArray()); // the first in which gelu takes "approximate"
            Add(zip, "byteorder", "little"u8.ToArray());
        }
        return bytes.ToArray();
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        using var stream = zip.CreateEntry($"{Module}/{name}", CompressionLevel.NoCompression).Open();
        stream.Write(content);
    }

    /// <summary>The module object in Python's pickle format: an instance of the class in the code with its two attributes.</summary>
    private static byte[] PickledModule() =>
    [
        0x80, 2, // protocol 2
        (byte)'c', .. Encoding.ASCII.GetBytes($"__torch__\n{Module}\n"), // the class
        (byte)'q', 0, (byte)')', 0x81, // remembered; called without arguments
        (byte)'}', (byte)'(', .. Text("training"), 0x89, .. Text("_is_full_backward_hook"), (byte)'N', (byte)'u', // { False, None }
        (byte)'b', (byte)'.', // its state
    ];

    private static byte[] Text(string value) => [(byte)'X', .. BitConverter.GetBytes(value.Length), .. Encoding.ASCII.GetBytes(value)];

    private static string Source()
    {
        using var stream = typeof(OneDnnArchive).Assembly.GetManifestResourceStream($"{Module}.py")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
