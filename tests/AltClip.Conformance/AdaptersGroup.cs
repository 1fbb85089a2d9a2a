using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>Adapters that peft saved: <c>adapters/cases.json</c> with <c>checkpoints/</c> beside it.</summary>
internal static class AdaptersGroup
{
    private static readonly string[] Keys =
    [
        "name", "checkpoint", "adapter", "call", "must", "inputs", "outputs", "refusal_says",
        // For people.
        "tower", "effect", "merged_gap", "merges", "equals_base", "differs_from_what_was_saved", "two_loads_differ_by", "made_by", "note",
    ];

    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("adapters");
        using var tensors = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        var unused = tensors.Names.ToHashSet();
        foreach (var entry in root["cases"]!.AsArray())
        {
            var test = entry!.AsObject();
            report.Case((string)test["name"]!, () => RunCase(test, folder, tensors, unused));
        }
        report.Case("nothing left out", () =>
        {
            Compare.SameNames("keys", root.Select(p => p.Key), ["peft", "torch", "note", "cases"]);
            Compare.SameNames("tensors of no case", unused, []);
            return 0;
        });
        return report;
    }

    private static double RunCase(JsonObject test, string folder, SafeTensors tensors, HashSet<string> unused)
    {
        if (test.Select(p => p.Key).Except(Keys).ToList() is { Count: > 0 } unknown) throw new MismatchException($"keys {string.Join(", ", unknown)} are not known");
        var (must, call) = ((string)test["must"]!, (string)test["call"]!);
        if (must is not ("compute" or "refuse" or "refuse-or-compute")) throw new MismatchException($"must is {must}, which is not known");
        var adapter = Path.Combine(folder, (string)test["adapter"]!);
        using var noGrad = no_grad();
        using var reference = new AdapterReference(call, Named(test["inputs"], tensors, unused), Named(test["outputs"], tensors, unused), adapter);
        using var model = ModelCall.Load(call, Path.Combine(folder, "..", "checkpoints", (string)test["checkpoint"]!), ScalarType.Float32);
        LoraAdapter loaded;
        try
        {
            loaded = LoraAdapter.FromPretrained(model, adapter);
        }
        catch (Exception e) when (e is AltClipException or IOException)
        {
            if (must == "compute") throw new MismatchException($"refused: {e.Message}");
            return test["refusal_says"]!.AsArray().Any(says => e.Message.Contains((string)says!, StringComparison.OrdinalIgnoreCase))
                ? 0 : throw new MismatchException($"the refusal says none of {test["refusal_says"]!.ToJsonString()}: {e.Message}");
        }
        using (loaded)
        {
            return must == "refuse" ? throw new MismatchException("computed; expected to be refused") : reference.Check(model, loaded);
        }
    }

    private static Dictionary<string, Tensor> Named(JsonNode? names, SafeTensors tensors, HashSet<string> unused) =>
        (names?.AsObject() ?? []).ToDictionary(p => p.Key, p =>
        {
            unused.Remove((string)p.Value!);
            return tensors[(string)p.Value!];
        });
}
