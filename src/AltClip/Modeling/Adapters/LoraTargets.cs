using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// What a configuration says of an adapter's layers. <c>peft</c> looks for them in the model that it has, whose text layers are
/// <c>layer.N</c> up to transformers 5.5 and <c>layers.N</c> from 5.6 on; what it doesn't find stays without adapter, and not a word is said.
/// So the names go from the layer's number on, and fit both.
/// </summary>
internal sealed partial class LoraTargets
{
    private readonly HashSet<string> _layers;
    private readonly HashSet<string> _ends;

    /// <summary>The ends of names that are one layer's alone.</summary>
    private readonly bool _endsTell;

    public LoraTargets(LoraAdapter adapter)
    {
        _layers = [.. adapter.LayerNames];
        _ends = [.. _layers.Select(End)];
        _endsTell = _ends.Count == _layers.Count
            && !adapter.Model.named_modules().Any(module => !_layers.Contains(module.name) && HasEnd(module.name));
    }

    /// <summary>
    /// The field <c>target_modules</c>: a list of ends of names; where such an end is another module's too, a regular expression for the whole
    /// names. Either way <c>peft</c> finds the adapter's layers and no others.
    /// </summary>
    public JsonNode Modules => _endsTell
        ? new JsonArray([.. _layers.Select(End).Select(end => JsonValue.Create(end))])
        : JsonValue.Create(string.Join("|", _layers.Select(Expression)));

    /// <summary>A key of <c>rank_pattern</c> or <c>alpha_pattern</c> for one layer.</summary>
    public string Key(string layer) => _endsTell ? End(layer) : Expression(layer);

    /// <summary>As <c>peft</c> compares: from a dot on, or the whole name.</summary>
    private bool HasEnd(string name)
    {
        for (var end = name; ; end = end[(end.IndexOf('.') + 1)..])
        {
            if (_ends.Contains(end)) return true;
            if (!end.Contains('.')) return false;
        }
    }

    private static string End(string name) => UpToNumber().Replace(name, "");

    private static string Expression(string name) =>
        string.Join(@"\.", name.Split('.').Select(part => part == "layer" ? "layers?" : Regex.Escape(part)));

    [GeneratedRegex(@"^(.*\.)?layers?\.(?=\d+\.)")]
    private static partial Regex UpToNumber();
}
