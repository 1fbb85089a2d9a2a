using Microsoft.ML.OnnxRuntime;

namespace AltClip.Benchmarks;

/// <summary>
/// A tower for ONNX Runtime. Its weights are left out of the peers' folder, so a copy of the graph gets a file of small numbers beside it:
/// only time is compared.
/// </summary>
internal sealed class OnnxPeer : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("altclip-onnx-");
    private readonly InferenceSession _session;

    public OnnxPeer(string graph, string weightsName, long weightsBytes, float number, int threads)
    {
        try
        {
            var copy = Path.Combine(_folder.FullName, Path.GetFileName(graph));
            File.Copy(graph, copy);
            WriteWeights(Path.Combine(_folder.FullName, weightsName), weightsBytes, number);
            using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
            _session = new InferenceSession(copy, options);
            if (!OperatingSystem.IsWindows()) _folder.Delete(recursive: true); // what is mapped stays; a process that is killed leaves nothing
        }
        catch
        {
            _folder.Delete(recursive: true);
            throw;
        }
    }

    public static OnnxPeer Float32(string peers, string tower, int threads) => new(
        Path.Combine(peers, "onnx", $"{tower}.onnx"), "model.onnx.data", tower == "image" ? 1_214_889_984 : 1_219_992_576, 0.01f, threads);

    public static OnnxPeer Int8(string peers, string tower, int threads) => new(
        Path.Combine(peers, "onnx", $"{tower}.int8.onnx"), $"{tower}.int8.onnx.data", tower == "image" ? 303_965_184 : 305_235_968, 0, threads);

    /// <summary>Runs on inputs given in the order of the graph.</summary>
    public void Run(params OrtValue[] inputs)
    {
        using var options = new RunOptions();
        using var outputs = _session.Run(options, [.. _session.InputMetadata.Keys], inputs, [.. _session.OutputMetadata.Keys]);
    }

    public static OrtValue Value<T>(T[] elements, params long[] shape) where T : unmanaged => OrtValue.CreateTensorValueFromMemory(elements, shape);

    public void Dispose()
    {
        _session.Dispose();
        if (OperatingSystem.IsWindows()) _folder.Delete(recursive: true);
    }

    private static void WriteWeights(string path, long bytes, float number)
    {
        var block = new byte[1 << 20];
        for (var i = 0; i < block.Length; i += sizeof(float)) BitConverter.TryWriteBytes(block.AsSpan(i), number);
        using var file = File.Create(path);
        for (var left = bytes; left > 0; left -= block.Length) file.Write(block, 0, (int)Math.Min(left, block.Length));
    }
}
