using System.Text.Json.Nodes;
using AltClip.Modeling.Adapters;
using Xunit;

namespace AltClip.Tests;

/// <summary>Each member of each JSON file is one after the other what it can't be: what is refused is refused with the names of file and member.</summary>
[Collection(nameof(ProcessWide))]
public sealed class WrongMembersTests : IDisposable
{
    private const int MostMembers = 90;

    private static readonly string[] Values = ["null", "\"x\"", "\"\"", "-1", "0.5", "1e300", "12345678901234567890", "true", "[]", "[null]", "[{}]", "{}"];

    private readonly TemporaryFolder _folder = new();
    private readonly AltCLIPModel _model = AltCLIPModel.FromPretrained(TestData.Path("checkpoints", "base"));

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("checkpoints/base", "config.json")]
    [InlineData("checkpoints/base-sharded", "model.safetensors.index.json")]
    [InlineData("foreign/tokenizers/pipelines/beside-equal", "tokenizer.json")]
    [InlineData("e2e", "tokenizer_config.json")]
    [InlineData("foreign/tokenizers/folders/special-tokens-map", "special_tokens_map.json")]
    [InlineData("e2e", "preprocessor_config.json")]
    [InlineData("adapters/plain", "adapter_config.json")]
    public void AreNamed(string source, string name)
    {
        foreach (var file in Directory.GetFiles(TestData.Path(source.Split('/')))) File.Copy(file, _folder.File(Path.GetFileName(file)));
        var text = File.ReadAllText(_folder.File(name));
        var refused = 0;
        foreach (var path in Members(JsonNode.Parse(text), []).Take(MostMembers))
        {
            foreach (var value in Values)
            {
                File.WriteAllText(_folder.File(name), With(text, path, value));
                var error = Record.Exception(() => Read(name));
                if (error is null) continue;
                refused++;
                var found = $"{string.Join('.', path)} = {value}: {error.GetType().Name}: {error.Message}";
                Assert.True(error is AltClipException or IOException, found);
                Assert.True(error.Message.Contains(name) || error.Message.Contains(_folder.Path), found);
                // What doesn't fit another file is named with what that has: a token of the vocabulary, or tensors.
                if (error is CheckpointException { Error: Checkpoints.CheckpointError.StateMismatch }) continue;
                Assert.True(path.Any(step => !int.TryParse(step, out _) && error.Message.Contains(step)) || error.Message.Contains($"'{value.Trim('"')}'"), found);
            }
        }
        Assert.NotEqual(0, refused);
    }

    private void Read(string name)
    {
        switch (name)
        {
            case "config.json":
                AltCLIPConfig.FromPretrained(_folder.Path);
                break;
            case "model.safetensors.index.json":
                AltCLIPModel.FromPretrained(_folder.Path).Dispose();
                break;
            case "preprocessor_config.json":
                CLIPImageProcessor.FromPretrained(_folder.Path);
                break;
            case "adapter_config.json":
                LoraAdapter.FromPretrained(_model, _folder.Path).Dispose();
                break;
            default:
                XLMRobertaTokenizer.FromPretrained(_folder.Path);
                break;
        }
    }

    /// <summary>The way to each member, of lists only to their first two.</summary>
    private static IEnumerable<string[]> Members(JsonNode? node, string[] path)
    {
        var inner = node switch
        {
            JsonObject members => members.Select(member => (member.Key, member.Value)),
            JsonArray items => items.Take(2).Select((item, i) => ($"{i}", item)),
            _ => [],
        };
        foreach (var (step, value) in inner)
        {
            yield return [.. path, step];
            foreach (var deeper in Members(value, [.. path, step])) yield return deeper;
        }
    }

    private static string With(string text, string[] path, string value)
    {
        var root = JsonNode.Parse(text)!;
        var owner = path[..^1].Aggregate(root, (node, step) => node is JsonArray items ? items[int.Parse(step)]! : node[step]!);
        if (owner is JsonArray list) list[int.Parse(path[^1])] = JsonNode.Parse(value);
        else owner[path[^1]] = JsonNode.Parse(value);
        return root.ToJsonString();
    }
}
