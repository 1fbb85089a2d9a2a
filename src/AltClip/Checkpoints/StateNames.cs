namespace AltClip.Checkpoints;

/// <summary>
/// Maps the names in a checkpoint to those of a model. Given all names of a file, each function returns the mapping for one of them: the
/// model's name, or null for what this model has no use for.
/// </summary>
internal static class StateNames
{
    private const string Text = "text_model.";
    private const string Vision = "vision_model.";

    // The parts of a full model, and of each encoder alone.
    private static readonly string[] Roots = [Text, Vision, "visual_projection.", "text_projection.", "logit_scale", "roberta.", "pre_LN.", "transformation"];

    /// <summary>Whether a name is below a part that this library's models have.</summary>
    public static bool IsOfModel(string name) => Roots.Any(root => name.StartsWith(root, StringComparison.Ordinal));

    public static Func<string, string?> FullModel(IReadOnlyCollection<string> _) => Current;

    /// <summary>The text encoder's file has its names as they are; a full model's has them below <c>text_model</c>.</summary>
    public static Func<string, string?> TextModel(IReadOnlyCollection<string> names) =>
        names.Any(name => name.StartsWith(Text, StringComparison.Ordinal))
            ? name => name.StartsWith(Text, StringComparison.Ordinal) ? Current(name[Text.Length..]) : null
            : Current;

    /// <summary>Here both files say <c>vision_model</c>; a full model's has the text encoder and the projections besides.</summary>
    public static Func<string, string?> VisionModel(IReadOnlyCollection<string> names) =>
        names.Any(name => name.StartsWith(Text, StringComparison.Ordinal))
            ? name => name.StartsWith(Vision, StringComparison.Ordinal) ? Current(name) : null
            : Current;

    /// <summary>AltDiffusion's text encoders keep the pooler of XLM-R, which nothing uses.</summary>
    public static Func<string, string?> AltDiffusion(IReadOnlyCollection<string> _) =>
        name => name.StartsWith("roberta.pooler.", StringComparison.Ordinal) ? null : Current(name);

    /// <summary>CLIP's text encoder has the same names in its own file and in a full model's, which has the image encoder besides.</summary>
    public static Func<string, string?> ClipTextModel(IReadOnlyCollection<string> names) =>
        names.Any(name => name.StartsWith(Vision))
            ? name => name.StartsWith(Text) || name.StartsWith("text_projection.") ? Current(name) : null
            : Current;

    private static string? Current(string name)
    {
        // Files of 2022 keep the embeddings' buffers, which are only counted numbers.
        if (name.EndsWith("embeddings.position_ids", StringComparison.Ordinal) || name.EndsWith("embeddings.token_type_ids", StringComparison.Ordinal)) return null;
        // transformers 5 writes the image layers of a full model with the text layers' word.
        return name.StartsWith("vision_model.encoder.layer.", StringComparison.Ordinal) ? name.Replace("encoder.layer.", "encoder.layers.") : name;
    }
}
