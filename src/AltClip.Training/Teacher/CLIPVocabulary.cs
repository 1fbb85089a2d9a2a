using System.Text.Json;
using AltClip.Hub;
using AltClip.Shared;
using AltClip.Tokenization;

namespace AltClip.Training.Teacher;

/// <summary>The byte-pair vocabulary of a CLIP tokenizer, from either form in which checkpoints have it.</summary>
/// <param name="Ids">The id of each token.</param>
/// <param name="Merges">Pairs of tokens, a space between the two, in the order of merging.</param>
/// <param name="AddedTokens">What the file says of special tokens; empty where it says nothing.</param>
internal sealed record CLIPVocabulary(Dictionary<string, int> Ids, IReadOnlyList<string> Merges, IReadOnlyList<AddedToken> AddedTokens)
{
    internal const string JsonName = "tokenizer.json";
    internal const string VocabularyName = "vocab.json";
    internal const string MergesName = "merges.txt";

    /// <summary>What a vocabulary is read from.</summary>
    internal static HubFileGroup[] Files { get; } = [new(true, [JsonName], [VocabularyName, MergesName])];

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has neither form.</exception>
    /// <exception cref="TokenizerException">A file is corrupt or not of this kind of tokenizer.</exception>
    public static CLIPVocabulary Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        string json = Path.Combine(folder, JsonName), vocabulary = Path.Combine(folder, VocabularyName), merges = Path.Combine(folder, MergesName);
        if (File.Exists(json))
            return Named(json, () => ReadJson(json));
        if (File.Exists(vocabulary) && File.Exists(merges))
            return Named(vocabulary, () => new CLIPVocabulary(ReadIds(vocabulary), ReadMerges(merges), []));
        throw new FileNotFoundException($"'{folder}' has no tokenizer: expected {JsonName}, or {VocabularyName} and {MergesName}.", json);
    }

    private static CLIPVocabulary ReadJson(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        JsonElement model = document.RootElement.GetProperty("model");
        Expect(model, "type", "BPE");
        Expect(model, "end_of_word_suffix", CLIPTokenizer.EndOfWord);
        return new CLIPVocabulary(
            ParseIds(model.GetProperty("vocab")),
            [.. model.GetProperty("merges").EnumerateArray().Select(Merge)],
            [.. document.RootElement.GetProperty("added_tokens").EnumerateArray()
                .Select(token => TokenizerPipelineReader.ReadAddedToken(token, token.GetProperty("id").GetInt32()))]);
    }

    private static Dictionary<string, int> ReadIds(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return ParseIds(document.RootElement);
    }

    /// <summary>The first line says the version.</summary>
    private static string[] ReadMerges(string path) =>
        [.. File.ReadLines(path).Where((line, index) => line.Length != 0 && !(index == 0 && line.StartsWith("#version")))];

    private static Dictionary<string, int> ParseIds(JsonElement vocabulary)
    {
        var ids = new Dictionary<string, int>();
        foreach (JsonProperty token in vocabulary.EnumerateObject())
        {
            if (!ids.TryAdd(token.Name, token.Value.GetInt32()))
                throw new TokenizerException($"the vocabulary has '{Listing.Cut(token.Name)}' twice; expected each token once.");
        }
        return ids;
    }

    /// <summary>A merge is written as one text, or by newer versions as a pair of them.</summary>
    private static string Merge(JsonElement merge) =>
        merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2 ? $"{merge[0].GetString()} {merge[1].GetString()}"
            : merge.ValueKind == JsonValueKind.String ? merge.GetString()!
            : throw new TokenizerException($"model.merges has {Listing.Cut(merge.GetRawText())}; expected two tokens, as one text or a pair.");

    private static void Expect(JsonElement model, string name, string expected)
    {
        string? found = model.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
        if (found != expected)
            throw new TokenizerException($"model.{name} is {found ?? "missing"}; expected {expected}, as CLIP's tokenizer has it.");
    }

    private static CLIPVocabulary Named(string path, Func<CLIPVocabulary> read) =>
        NamedFile.Read(path, (message, cause) => new TokenizerException(message, cause), read);
}
