using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// What <c>target_modules</c> says of an adapter's layers. <c>peft</c> looks for them in the model that it has, whose text layers are
/// <c>layer.N</c> up to transformers 5.5 and <c>layers.N</c> from 5.6 on; what it doesn't find stays without adapter, and not a word is said.
/// So the names go from the layer's number on, and fit both.
/// </summary>
internal static partial class LoraTargets
{
    /// <summary>
    /// A list of ends of names; where such an end is another module's too, a regular expression for the whole names. Either way
    /// <c>peft</c> finds the adapter's layers and no others.
    /// </summary>
    public static JsonNode Of(LoraAdapter adapter)
    {
        var layers = adapter.LayerNames.ToHashSet();
        string[] ends = [.. layers.Select(name => UpToNumber().Replace(name, "")).Distinct()];
        var found = adapter.Model.named_modules().Select(module => module.name).Where(name => !layers.Contains(name) && HasEnd(name, ends));
        return found.Any() ? string.Join("|", layers.Select(Expression)) : new JsonArray([.. ends.Select(end => JsonValue.Create(end))]);
    }

    /// <summary>As <c>peft</c> compares: from a dot on, or the whole name.</summary>
    private static bool HasEnd(string name, string[] ends) =>
        ends.Any(end => name.EndsWith(end, StringComparison.Ordinal) && (name.Length == end.Length || name[^(end.Length + 1)] == '.'));

    private static string Expression(string name) =>
        string.Join(@"\.", name.Split('.').Select(part => part == "layer" ? "layers?" : Regex.Escape(part)));

    [GeneratedRegex(@"^(.*\.)?layers?\.(?=\d+\.)")]
    private static partial Regex UpToNumber();
}
