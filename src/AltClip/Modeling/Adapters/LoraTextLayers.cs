namespace AltClip.Modeling.Adapters;

/// <summary>The two names of the text layers: <c>encoder.layer.N</c> up to transformers 5.5 and here, <c>encoder.layers.N</c> from 5.6 on.</summary>
internal static class LoraTextLayers
{
    private const string Before = "roberta.encoder.layer.";
    private const string After = "roberta.encoder.layers.";

    public static bool IsIn(string name) => name.Contains(Before, StringComparison.Ordinal);

    public static string Before56(string name) => name.Replace(After, Before, StringComparison.Ordinal);

    public static string From56On(string name) => name.Replace(Before, After, StringComparison.Ordinal);
}
