using AltClip.Checkpoints;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>What an adapter's file has for a model, checked and not read yet.</summary>
internal sealed class LoraContents : IDisposable
{
    private readonly List<string> _problems = [];
    private readonly List<(string Parameter, string InFile)> _whole = [];
    private readonly List<string> _modules = [];
    private readonly Dictionary<LoraLayer, Dictionary<string, string>> _parts = [];
    private readonly ITensorSource _file;
    private readonly nn.Module _model;
    private readonly LoraConfig _config;

    /// <exception cref="CheckpointException">Tensors don't fit the model or the configuration; each is named.</exception>
    public LoraContents(ITensorSource file, nn.Module model, LoraConfig config)
    {
        (_file, _model, _config) = (file, model, config);
        try
        {
            Read();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The adapted layers, in the order of their names.</summary>
    public IReadOnlyList<LoraLayer> Layers { get; private set; } = [];

    /// <summary>The tensors that replace the model's.</summary>
    public WholeTensors Whole => new(_model, _whole, _modules);

    /// <summary>Fills the layers, which then belong to the caller.</summary>
    public IReadOnlyList<LoraLayer> Fill()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (layer, parts) in _parts)
        {
            var device = layer.Layer.get_parameter("weight")!.device;
            foreach (var slot in ParameterSlots.Of(layer).ToList())
            {
                using var stored = _file.Read(parts[slot.Name]);
                slot.Set(Skeleton.Parameter(stored.to(float32, device, copy: true).contiguous()));
            }
        }
        var filled = Layers;
        Layers = [];
        return filled;
    }

    public void Dispose()
    {
        foreach (var layer in Layers) layer.Dispose();
    }

    private void Read()
    {
        List<(string InFile, LoraTensorName Name)> tensors = [];
        foreach (var inFile in _file.Names.Where(name => !LoraTensorName.IsNeverRead(name)))
        {
            if (LoraTensorName.Parse(inFile) is { } name) tensors.Add((inFile, name));
            else Unexpected(inFile);
        }
        var names = new LoraModelNames(_model, [.. tensors.Select(tensor => tensor.Name)]);
        foreach (var group in tensors.Where(tensor => tensor.Name.Part is not null).GroupBy(tensor => tensor.Name.Module).OrderBy(group => group.Key, StringComparer.Ordinal))
            ReadLayer(names, group.Key, [.. group.Select(tensor => (tensor.InFile, tensor.Name))]);
        foreach (var (inFile, name) in tensors.Where(tensor => tensor.Name.Part is null)) ReadWhole(names, inFile, name);
        foreach (var end in _config.ModulesToSave) ReadModules(names, end);
        if (Layers.Count == 0 && _whole.Count == 0) _problems.Add($"missing: any {LoraTensorName.Prefix}….lora_A.weight");
        if (_problems.Count > 0) throw CheckpointException.StateMismatch(_file.Location, _problems);
    }

    private void ReadLayer(LoraModelNames names, string nameInFile, (string InFile, LoraTensorName Name)[] tensors)
    {
        if (names[tensors[0].Name] is not { } name || LoraLayer.Create(name, names.Module(name), _config.For(nameInFile)) is not { } layer)
        {
            foreach (var (inFile, _) in tensors) Unexpected(inFile);
            return;
        }
        if (Layers.Any(other => other.Name == name)) _problems.Add($"{LoraTensorName.Prefix}{nameInFile} is {name}, which has an adapter under another name too");
        Layers = [.. Layers, layer];
        if (_config.LoraBias && (layer is not LinearLora || layer.Layer.get_parameter("bias") is null))
            _problems.Add($"lora_bias is true, but {name} has no bias that the adapter's could be added to");
        if (_config.Start != LoraStart.Plain && layer is ConvolutionLora)
            _problems.Add($"{LoraConfigFields.Init} is {LoraConfigFields.Name(_config.Start)}, which peft has only for linear layers; {name} is a convolution");
        var parts = _parts[layer] = [];
        foreach (var (inFile, tensor) in tensors) parts.TryAdd(tensor.Part!, inFile);
        var expected = ParameterSlots.Of(layer).ToDictionary(slot => slot.Name);
        foreach (var part in parts.Keys.Where(part => !expected.ContainsKey(part) && !IsPassedOver(part))) Unexpected(parts[part]);
        foreach (var slot in expected.Values)
        {
            if (parts.TryGetValue(slot.Name, out var inFile)) CheckShape(inFile, slot.Shape);
            else _problems.Add($"missing: {LoraTensorName.Prefix}{nameInFile}.{slot.Name}");
        }
    }

    /// <summary>What the configuration doesn't ask for <c>peft</c> passes over.</summary>
    private bool IsPassedOver(string part) => part switch
    {
        LoraLayer.MagnitudeName => !_config.Options.UseDora,
        "lora_B.bias" => !_config.LoraBias,
        _ => false,
    };

    private void ReadWhole(LoraModelNames names, string inFile, LoraTensorName tensor)
    {
        if (names[tensor] is not { } name || (!tensor.IsOfAdapted && Layers.Any(layer => layer.Name == name[..Math.Max(0, name.LastIndexOf('.'))])))
        {
            Unexpected(inFile);
            return;
        }
        if (!CheckShape(inFile, names.Parameter(name).shape)) return;
        if (_whole.FirstOrDefault(other => other.Parameter == name) is not { InFile: { } before }) _whole.Add((name, inFile));
        else if (!AreEqual(before, inFile)) _problems.Add($"{inFile} has other values than {before}, which is the same in other versions of transformers");
    }

    private void ReadModules(LoraModelNames names, string end)
    {
        foreach (var module in names.ModulesThatEnd(end))
        {
            var missing = names.ParametersOf(module).Where(parameter => _whole.All(whole => whole.Parameter != parameter)).ToList();
            _problems.AddRange(missing.Select(parameter => $"missing: {LoraTensorName.Prefix}{parameter}, of modules_to_save"));
            if (!LoraTextLayers.IsIn(module) && !_modules.Contains(module)) _modules.Add(module);
        }
    }

    private bool CheckShape(string inFile, long[] expected)
    {
        var shape = _file.Describe(inFile).Shape;
        if (shape.SequenceEqual(expected)) return true;
        _problems.Add($"{inFile} has shape [{string.Join(", ", shape)}]; expected {Check.Text(expected)}");
        return false;
    }

    private bool AreEqual(string one, string other)
    {
        using var scope = NewDisposeScope();
        return _file.Read(one).to(float32).equal(_file.Read(other).to(float32)).all().item<bool>();
    }

    private void Unexpected(string inFile) => _problems.Add($"unexpected: {inFile}");
}
