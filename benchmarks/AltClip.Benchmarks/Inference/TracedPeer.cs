using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>transformers' own sequence of operations, traced without weights, on the parameters of a model here.</summary>
internal sealed class TracedPeer : IDisposable
{
    private readonly jit.ScriptModule _module;
    private readonly object[] _parameters;

    public TracedPeer(string folder, string tower, AltCLIPModel model)
    {
        _module = jit.load(Path.Combine(folder, $"{tower}.pt"), DeviceType.CPU);
        var parameters = model.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter);
        using var names = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, $"{tower}.parameters.json")));
        _parameters = [.. names.RootElement.EnumerateArray().Select(entry => parameters[entry.GetProperty("name").GetString()!])];
    }

    public Tensor Run(params Tensor[] inputs) => (Tensor)_module.forward([.. inputs, .. _parameters]);

    public void Dispose() => _module.Dispose();
}
