using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// Finds in a model what an adapter's file names. The text layers are <c>layer.N</c> up to transformers 5.5 and <c>layers.N</c> from 5.6 on;
/// and an adapter that was made on one tower of a model has names that start there.
/// </summary>
internal sealed class LoraModelNames
{
    private static readonly string[] Towers = ["", "text_model.", "vision_model."];

    private readonly Dictionary<string, nn.Module> _modules;
    private readonly Dictionary<string, Parameter> _parameters;
    private readonly string _tower;

    /// <param name="model">The model.</param>
    /// <param name="names">The names in the file.</param>
    public LoraModelNames(nn.Module model, IReadOnlyCollection<LoraTensorName> names)
    {
        _modules = model.named_modules().ToDictionary(m => m.name, m => m.module);
        _parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        _tower = Towers.MaxBy(tower => names.Count(name => Name(tower, name) is not null))!;
        IsFrom56On = names.Any(name => name.Module.Contains("roberta.encoder.layers.", StringComparison.Ordinal))
            && !names.Any(name => name.Module.Contains("roberta.encoder.layer.", StringComparison.Ordinal));
    }

    /// <summary>Whether the file has the text layers' names of transformers 5.6 and later.</summary>
    public bool IsFrom56On { get; }

    /// <summary>The model's name of the module or parameter; null if it has none such.</summary>
    public string? this[LoraTensorName name] => Name(_tower, name);

    public nn.Module Module(string name) => _modules[name];

    public Parameter Parameter(string name) => _parameters[name];

    /// <summary>The modules whose names in the file end so, as <c>peft</c> looks for modules to be saved whole: without a dot before it.</summary>
    public IEnumerable<string> ModulesThatEnd(string end) => _modules.Keys.Where(name => name.StartsWith(_tower, StringComparison.Ordinal) && InFile(name).EndsWith(end, StringComparison.Ordinal));

    /// <summary>The parameters in a module.</summary>
    public IEnumerable<string> ParametersOf(string module) => _parameters.Keys.Where(name => name.StartsWith(module + ".", StringComparison.Ordinal));

    private string InFile(string name) => IsFrom56On ? LoraTextLayers.From56On(name[_tower.Length..]) : name[_tower.Length..];

    private string? Name(string tower, LoraTensorName name) =>
        name.Part is null ? Known(_parameters, tower + name.Module) : Known(_modules, tower + name.Module);

    private static string? Known<T>(Dictionary<string, T> all, string name) =>
        all.ContainsKey(name) ? name : LoraTextLayers.Before56(name) is var other && all.ContainsKey(other) ? other : null;
}
