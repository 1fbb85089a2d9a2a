using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>Reads the <c>decoder</c> of a <c>tokenizer.json</c>.</summary>
internal static class DecoderReader
{
    private const string Computed = "Metaspace, Fuse, Replace, Strip, ByteFallback and WordPiece";

    /// <exception cref="TokenizerException">It has a step that isn't computed; the message names it.</exception>
    public static TokenDecoder Read(JsonElement decoder)
    {
        JsonElement[] all = [.. TokenizerPipelineReader.Sequence(decoder, "decoders")];
        return new TokenDecoder(Array.ConvertAll(all, step => ReadStep(step) ?? throw TokenizerPipelineReader.Unexpected("decoder", all, Computed)));
    }

    private static DecoderStep? ReadStep(JsonElement step) => TokenizerPipelineReader.TypeOf(step) switch
    {
        "Metaspace" => ReadMetaspace(TokenizerPipelineReader.ReadMetaspace(step, "decoder")),
        "Fuse" => new DecoderStep.Fuse(),
        "Replace" => new DecoderStep.Replace(NormalizerReader.ReadPattern(step), step.Text("content")),
        "Strip" => new DecoderStep.Strip(ReadCharacter(step), step.Int("start"), step.Int("stop")),
        "ByteFallback" => new DecoderStep.ByteFallback(),
        "WordPiece" => new DecoderStep.WordPiece(step.Text("prefix"), step.Boolean("cleanup")),
        _ => null,
    };

    private static DecoderStep.MetaspaceToSpace ReadMetaspace(Metaspace metaspace) => new(metaspace.Sign, metaspace.Scheme != MetaspaceScheme.Never);

    private static char ReadCharacter(JsonElement strip) => strip.Text("content") is [var content]
        ? content
        : throw new TokenizerException("the decoder's Strip has a 'content' that is not one character.");
}
