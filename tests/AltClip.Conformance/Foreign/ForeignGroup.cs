using System.Text.Json.Nodes;
using AltClip.Checkpoints;

namespace AltClip.Conformance;

/// <summary>What other programs leave on disk: each case is computed, refused for the reason that it says, or either. <c>foreign/</c>.</summary>
internal static class ForeignGroup
{
    private const string Tokenizers = "tokenizers";

    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("foreign");
        foreach (var part in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(part, "cases.json"))) report.Failed(Path.GetFileName(part), "there is no cases.json");
            else if (Path.GetFileName(part) == Tokenizers) RunTokenizers(part, report);
            else RunModels(part, report);
        }
        return report;
    }

    private static void RunModels(string folder, GroupReport report)
    {
        var name = Path.GetFileName(folder);
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        using var tensors = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        var strict = Path.Combine(folder, "strict-types.json");
        var types = File.Exists(strict) ? new StrictTypes(strict) : null;
        foreach (var entry in root["cases"]!.AsArray())
        {
            var test = entry!.AsObject();
            var model = new ForeignModelCase(folder, test, tensors, types);
            report.Case($"{name}: {test["name"]}", () => new ForeignOutcome(test).Check(model.Run));
        }
    }

    private static void RunTokenizers(string folder, GroupReport report)
    {
        var data = new ForeignTokenizerData(folder);
        foreach (var test in data.Cases)
        {
            report.Case($"{Tokenizers}: {test.Name}", () => new ForeignOutcome(test.Json).Check(() =>
            {
                var wrong = test.Wrong(XLMRobertaTokenizer.FromPretrained(test.Folder)).ToList();
                return wrong.Count == 0 ? 0 : throw new MismatchException($"{wrong.Count} answers are wrong, the first: {wrong[0]}");
            }));
        }
    }
}
