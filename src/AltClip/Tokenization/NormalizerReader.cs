using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>Reads the <c>normalizer</c> of a <c>tokenizer.json</c>.</summary>
internal static class NormalizerReader
{
    private const string Computed = "Precompiled, NFC, NFD, NFKC, NFKD, Nmt, Lowercase, StripAccents, Strip, Prepend and Replace";

    /// <exception cref="TokenizerException">It has a step that isn't computed; the message names it.</exception>
    public static TextNormalizer Read(JsonElement normalizer)
    {
        JsonElement[] all = [.. TokenizerPipelineReader.Sequence(normalizer, "normalizers")];
        PrecompiledCharsMap? first = null;
        List<TextNormalizer.Step> steps = [];
        for (int i = 0; i < all.Length; i++)
        {
            if (i == 0 && TokenizerPipelineReader.TypeOf(all[i]) == "Precompiled")
                first = ReadCharsMap(all[i]);
            else
                steps.Add(ReadStep(all[i]) ?? throw TokenizerPipelineReader.Unexpected("normalizer", all, Computed));
        }
        return new TextNormalizer(first, steps);
    }

    private static TextNormalizer.Step? ReadStep(JsonElement step) => TokenizerPipelineReader.TypeOf(step) switch
    {
        "Precompiled" => new NormalizerSteps.Compiled(ReadCharsMap(step)),
        "NFC" => new NormalizerSteps.UnicodeForm(Composes: true, IsCompatible: false),
        "NFD" => new NormalizerSteps.UnicodeForm(Composes: false, IsCompatible: false),
        "NFKC" => new NormalizerSteps.UnicodeForm(Composes: true, IsCompatible: true),
        "NFKD" => new NormalizerSteps.UnicodeForm(Composes: false, IsCompatible: true),
        "Nmt" => NormalizerSteps.Nmt,
        "Lowercase" => NormalizerSteps.Lowercase,
        "StripAccents" => NormalizerSteps.StripAccents,
        "Strip" => new TextNormalizer.Strip(step.Boolean("strip_left"), step.Boolean("strip_right")),
        "Prepend" => new NormalizerSteps.Prepend(step.Text("prepend")),
        "Replace" when SpaceRunReplacement(step) is { } replacement => new TextNormalizer.ReplaceSpaceRuns(replacement),
        "Replace" => new NormalizerSteps.Replace(ReadPattern(step), step.Text("content")),
        _ => null,
    };

    /// <summary>Reads what a <c>Replace</c> looks for, here and in decoders.</summary>
    public static ReplacePattern ReadPattern(JsonElement replace)
    {
        JsonElement pattern = replace.Member("pattern");
        if (pattern.TryGetProperty("Regex", out _))
            return ReplacePattern.OfExpression(pattern.Text("Regex"));
        string text = pattern.Text("String");
        return text.Length > 0 ? ReplacePattern.OfText(text) : throw new TokenizerException("a Replace looks for an empty text; expected one with characters.");
    }

    private static PrecompiledCharsMap ReadCharsMap(JsonElement precompiled) =>
        precompiled.TryGetProperty("precompiled_charsmap", out JsonElement text) && text.TryGetBytesFromBase64(out byte[]? bytes)
            ? new PrecompiledCharsMap(bytes)
            : throw new TokenizerException("the normalizer's 'precompiled_charsmap' is not base64.");

    /// <summary>What transformers adds to every converted model, in a step of its own.</summary>
    private static string? SpaceRunReplacement(JsonElement replace)
    {
        bool runs = replace.Member("pattern").TryGetProperty("Regex", out JsonElement regex) && regex.GetString() == " {2,}";
        return runs && replace.Text("content") is { Length: <= 2 } content ? content : null;
    }
}
