using System.Text.Json;
using AltClip.Shared;

namespace AltClip.Tokenization;

/// <summary>Reads the <c>post_processor</c> of a <c>tokenizer.json</c>: which special tokens are put round texts.</summary>
internal static class PostProcessorReader
{
    /// <exception cref="TokenizerException">It is of a kind that isn't computed; the message names it.</exception>
    public static (SequenceTemplate Single, SequenceTemplate Pair) Read(JsonElement processor)
    {
        JsonElement[] all = [.. TokenizerPipelineReader.Sequence(processor, "processors")];
        // this one only moves the places of tokens that have spaces in them, of which pieces have none
        JsonElement[] adding = [.. all.Where(one => TokenizerPipelineReader.TypeOf(one) != "ByteLevel")];
        if (adding.Length == 0)
            return (new([SequenceTemplate.Part.Of(0)]), new([SequenceTemplate.Part.Of(0), SequenceTemplate.Part.Of(1, typeId: 1)]));
        return (adding.Length, TokenizerPipelineReader.TypeOf(adding[0])) switch
        {
            (1, "TemplateProcessing") => ReadTemplates(adding[0]),
            (1, "RobertaProcessing") => ReadNamed(adding[0], separators: 2, secondType: 0),
            (1, "BertProcessing") => ReadNamed(adding[0], separators: 1, secondType: 1),
            _ => throw TokenizerPipelineReader.Unexpected(
                "post_processor", all, "one of TemplateProcessing, RobertaProcessing and BertProcessing, with or without ByteLevel"),
        };
    }

    /// <summary>Those of BERT and RoBERTa say only which tokens begin and end a text.</summary>
    private static (SequenceTemplate Single, SequenceTemplate Pair) ReadNamed(JsonElement processor, int separators, int secondType)
    {
        SequenceTemplate.Part first = SequenceTemplate.Part.Special(Id("cls")), last = SequenceTemplate.Part.Special(Id("sep"));
        return (
            new([first, SequenceTemplate.Part.Of(0), last]),
            new(
            [
                first, SequenceTemplate.Part.Of(0), .. Enumerable.Repeat(last, separators), SequenceTemplate.Part.Of(1, secondType),
                last with { TypeId = secondType },
            ]));

        int Id(string role) =>
            processor.TryGetProperty(role, out JsonElement token) && token is { ValueKind: JsonValueKind.Array } && token.GetArrayLength() == 2
                ? token[1].GetInt32()
                : throw new TokenizerException($"the post_processor's {TokenizerPipelineReader.TypeOf(processor)} has no '{role}' of a token and its id.");
    }

    private static (SequenceTemplate Single, SequenceTemplate Pair) ReadTemplates(JsonElement processor)
    {
        JsonElement specials = processor.Member("special_tokens");
        SequenceTemplate single = ReadTemplate(processor, "single", specials);
        SequenceTemplate pair = ReadTemplate(processor, "pair", specials);
        if (!SequencesOf(single).SequenceEqual([0]) || !SequencesOf(pair).Order().SequenceEqual([0, 1]))
            throw new TokenizerException("the post_processor's templates must hold sequence A once, and A and B for a pair.");
        return (single, pair);

        static IEnumerable<int> SequencesOf(SequenceTemplate template) => template.Parts.Where(p => p.Sequence >= 0).Select(p => p.Sequence);
    }

    private static SequenceTemplate ReadTemplate(JsonElement processor, string name, JsonElement specials)
    {
        return new([.. processor.Items(name).Select(Read)]);

        SequenceTemplate.Part Read(JsonElement piece)
        {
            if (piece.TryGetProperty("Sequence", out JsonElement sequence))
                return new(sequence.Text("id") == "A" ? 0 : 1, sequence.Int("type_id"), []);
            JsonElement token = piece.Member("SpecialToken");
            string id = token.Text("id");
            if (!specials.TryGetProperty(id, out JsonElement special))
                throw new TokenizerException($"the post_processor puts in '{id}', which its 'special_tokens' lack.");
            return new(-1, token.Int("type_id"), [.. special.Items("ids").Select(i => i.GetInt32())]);
        }
    }
}
