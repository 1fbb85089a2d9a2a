using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>A case of <c>training2</c>.</summary>
/// <param name="node">The case as it is written.</param>
/// <param name="criterion">What the trajectories have in common.</param>
/// <param name="folder">The group's folder.</param>
/// <param name="tensors">Its tensors.</param>
/// <param name="all">All cases of the group, since some name others.</param>
internal sealed class Training2Case(JsonObject node, JsonObject criterion, string folder, SafeTensors tensors, JsonArray all)
{
    private static readonly string[] Keys =
    [
        "name", "checkpoint", "call", "inputs", "options", "outputs", "allow", "expected", "chunks", "locked", "layer_decay", "ema", "world_sizes",
        // For people: what made options.schedule.
        "schedule",
    ];

    public JsonObject Node { get; } = node;

    public JsonObject Criterion { get; } = criterion;

    public string Name { get; } = (string)node["name"]!;

    public string Call { get; } = (string)node["call"]!;

    public JsonObject Options => Node["options"]!.AsObject();

    public JsonNode Expected => Node["expected"]!;

    /// <summary>The folder of the model.</summary>
    public string Checkpoint { get; } = Path.Combine(folder, "checkpoints", (string)node["checkpoint"]!);

    /// <summary>The folder of the text model that teaches.</summary>
    public string Teacher { get; } = Path.Combine(folder, "..", "checkpoints", "clip-text-quick_gelu");

    /// <summary>The names of what is given.</summary>
    public IEnumerable<string> Inputs => Node["inputs"]!.AsObject().Select(p => p.Key);

    /// <summary>The names of what is asked.</summary>
    public IEnumerable<string> Outputs => Node["outputs"]!.AsObject().Select(p => p.Key);

    /// <summary>A tensor that is given.</summary>
    public Tensor Input(string name) => tensors[(string)Node["inputs"]![name]!];

    /// <summary>A tensor that is asked, in float64.</summary>
    public Tensor Output(string name) => tensors[(string)Node["outputs"]![name]!].to(ScalarType.Float64);

    /// <summary>Numbers that are asked.</summary>
    public double[] Numbers(string name) => Output(name).reshape(-1).data<double>().ToArray();

    /// <summary>What an output is allowed to be off.</summary>
    public double Allow(string name) => (double?)Node["allow"]![name] ?? throw new MismatchException($"nothing says what {name} is allowed");

    /// <summary>Another case of the group.</summary>
    public Training2Case Other(string name) =>
        new(all.Single(test => (string)test!["name"]! == name)!.AsObject(), Criterion, folder, tensors, all);

    /// <exception cref="MismatchException">The case has keys that are not known, or options other than those.</exception>
    public void OnlyOptions(params string[] names)
    {
        if (Node.Select(p => p.Key).Except(Keys).ToList() is { Count: > 0 } unknown) throw new MismatchException($"keys {string.Join(", ", unknown)} are not known");
        Compare.SameNames("options", Options.Select(p => p.Key), names);
    }

    /// <summary>The part of what is allowed that a tensor is off.</summary>
    /// <exception cref="MismatchException">It is more than all, or the shape is another.</exception>
    public double Part(string name, Tensor actual, double allow) => Part(name, actual, Output(name), allow);

    /// <inheritdoc cref="Part(string, Tensor, double)"/>
    public static double Part(string name, Tensor actual, Tensor expected, double allow)
    {
        var difference = Compare.Close(name, actual, expected, _ => allow);
        return allow == 0 ? 0 : difference / allow;
    }
}
