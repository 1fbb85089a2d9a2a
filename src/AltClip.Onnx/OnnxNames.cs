namespace AltClip.Onnx;

/// <summary>The files of an exported model, named and placed as transformers.js looks for them.</summary>
internal static class OnnxNames
{
    /// <summary>The folder within the model's folder.</summary>
    public const string Folder = "onnx";

    /// <summary>The text encoder's file.</summary>
    public static string Text(OnnxPrecision precision) => $"text_model{Suffix(precision)}.onnx";

    /// <summary>The image encoder's file.</summary>
    public static string Vision(OnnxPrecision precision) => $"vision_model{Suffix(precision)}.onnx";

    private static string Suffix(OnnxPrecision precision) => precision switch
    {
        OnnxPrecision.Float32 => "",
        OnnxPrecision.Float16 => "_fp16",
        OnnxPrecision.Int8 => "_int8",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Not a precision."),
    };
}
