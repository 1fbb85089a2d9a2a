using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>Calls of the model and of each encoder on small checkpoints: <c>models/cases.json</c> with <c>checkpoints/</c> beside it.</summary>
internal static class ModelsGroup
{
    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("models");
        using var tensors = SafeTensors.Open(Path.Combine(folder, "tensors.safetensors"));
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")))!.AsObject();
        var unused = tensors.Names.ToHashSet();
        foreach (var entry in root["cases"]!.AsArray())
        {
            var test = entry!.AsObject();
            report.Case((string)test["name"]!, () => RunCase(test, Path.Combine(folder, "..", "checkpoints"), tensors, unused));
        }
        report.Case("nothing left out", () =>
        {
            Compare.SameNames("keys", root.Select(p => p.Key), ["transformers", "torch", "note", "cases"]);
            Compare.SameNames("tensors of no case", unused, []);
            return 0;
        });
        return report;
    }

    private static double RunCase(JsonObject test, string checkpoints, SafeTensors tensors, HashSet<string> unused)
    {
        Compare.SameNames("keys of the case", test.Select(p => p.Key), ["name", "checkpoint", "call", "inputs", "options", "outputs"]);
        var (name, options) = ((string)test["call"]!, test["options"]!.AsObject().ToDictionary(p => p.Key, p => p.Value!));
        var dtype = options.Remove("load_as", out var type) ? Dtype((string)type!) : ScalarType.Float32;
        using var noGrad = no_grad();
        using var model = ModelCall.Load(name, Path.Combine(checkpoints, (string)test["checkpoint"]!), dtype);
        var inputs = Named(test["inputs"]!, tensors, unused);
        var expected = Named(test["outputs"]!, tensors, unused);
        var call = new ModelCall(inputs, options);

        try
        {
            // No dispose scope is open here: whatever the call leaves is counted.
            var before = Tensor.TotalCount;
            var (result, outputs) = call.Run(name, model);
            double worst;
            using (result)
            {
                call.RefuseUnused();
                Compare.SameNames("outputs", outputs.Keys, expected.Keys);
                worst = outputs.Max(output => Compare.Close(output.Key, output.Value, expected[output.Key]));
            }
            if (Tensor.TotalCount != before) throw new MismatchException($"the call left {Tensor.TotalCount - before} tensors besides its result");
            return worst;
        }
        finally
        {
            foreach (var tensor in inputs.Values.Concat(expected.Values)) tensor.Dispose();
        }
    }

    private static Dictionary<string, Tensor> Named(JsonNode names, SafeTensors tensors, HashSet<string> unused) =>
        names.AsObject().ToDictionary(p => p.Key, p =>
        {
            unused.Remove((string)p.Value!);
            return tensors[(string)p.Value!];
        });

    internal static ScalarType Dtype(string name) => name switch
    {
        "float32" => ScalarType.Float32,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        _ => throw new MismatchException($"load_as {name} is not known"),
    };
}
