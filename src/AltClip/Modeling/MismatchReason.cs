using AltClip.Shared;

namespace AltClip.Modeling;

/// <summary>Says why a file's tensors likely don't fit a model.</summary>
internal static class MismatchReason
{
    /// <param name="names">The names in the file.</param>
    /// <param name="unexpected">Those that the model has no place for.</param>
    /// <param name="missing">The model's that the file lacks.</param>
    /// <param name="expected">All of the model's.</param>
    /// <returns>A sentence, or null where nothing is likely.</returns>
    public static string? Of(
        IReadOnlyCollection<string> names, IReadOnlyCollection<string> unexpected, IReadOnlyCollection<string> missing, HashSet<string> expected)
    {
        if (missing.Count == 0) return "The weights are of another size than config.json says: the two likely belong to different models.";
        if (CommonPrefix(unexpected, expected) is { } prefix)
            return $"The model's names stand after '{Listing.Cut(prefix)}' in the file: save them without it.";
        if (Any(names, "text_model.encoder.layers.") && !expected.Contains("text_model.final_layer_norm.weight"))
            return "The file has the text encoder of CLIP (text_model.encoder.layers), not that of AltCLIP.";
        if (Any(names, "encoder.layer.") || Any(names, "encoder.layers."))
            return "The names are those of an encoder alone (encoder.layer), as of another class.";
        if (Any(names, "roberta.") && !expected.Any(name => name.StartsWith("roberta.", StringComparison.Ordinal)))
            return "The file has a text encoder alone (roberta): AltCLIPTextModel or AltDiffusionTextEncoder reads that.";
        return null;
    }

    private static bool Any(IEnumerable<string> names, string beginning) => names.Any(name => name.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>What stands before a name of the model in one of the file's.</summary>
    private static string? CommonPrefix(IEnumerable<string> names, HashSet<string> expected)
    {
        foreach (var name in names)
        {
            for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
            {
                if (expected.Contains(name[(dot + 1)..]) && name[(dot + 1)..].Contains('.')) return name[..(dot + 1)];
            }
        }
        return null;
    }
}
