using System.Text.Json.Nodes;
using AltClip.Training.Optimization;

namespace AltClip.Conformance.Training2;

/// <summary>The groups of the encoders, by which they are locked and by which their layers' rates decay.</summary>
internal static class GroupCases
{
    public static double Locked(Training2Case test)
    {
        test.OnlyOptions();
        using var model = AltCLIPModel.FromPretrained(test.Checkpoint);
        foreach (var (tower, groups) in Towers(model))
        {
            var expected = test.Expected["groups"]![tower]!.AsArray();
            if (groups.Groups.Count != expected.Count) throw new MismatchException($"{tower} has {groups.Groups.Count} groups; expected {expected.Count}");
            for (var i = 0; i < expected.Count; i++) Compare.SameNames($"group {i} of {tower}", groups.Groups[i], expected[i]!.AsArray().Select(name => (string)name!));
            var all = groups.Groups.SelectMany(names => names).ToList();
            foreach (var (unlocked, trains) in test.Expected["trains_with_unlocked"]![tower]!.AsObject())
                Compare.SameNames($"{tower} with {unlocked} unlocked", all.Except(groups.Locked(int.Parse(unlocked))), trains!.AsArray().Select(name => (string)name!));
        }
        return 0;
    }

    public static double LayerDecay(Training2Case test)
    {
        test.OnlyOptions("layer_decay");
        using var model = AltCLIPModel.FromPretrained(test.Checkpoint);
        SameScales(model, Scales(model, test.Options["layer_decay"]!.AsObject()), test.Expected["lr_scale"]!.AsObject());
        return 0;
    }

    /// <summary>What a trajectory says of locking and of decay must be what the groups give.</summary>
    public static void CheckOptions(Training2Case test, AltCLIPModel model)
    {
        foreach (var (tower, locked) in test.Node["locked"]?.AsObject() ?? [])
        {
            Compare.SameNames(
                "frozen", Towers(model)[tower].Locked((int)locked!["unlocked_groups"]!), test.Options["frozen"]!.AsArray().Select(name => (string)name!));
        }
        if (test.Node["layer_decay"]?.AsObject() is { } decays) SameScales(model, Scales(model, decays), test.Options["lr_scale"]!.AsObject());
    }

    private static Dictionary<string, TowerGroups> Towers(AltCLIPModel model) =>
        new() { ["text"] = TowerGroups.OfText(model), ["image"] = TowerGroups.OfImage(model) };

    private static Dictionary<string, double> Scales(AltCLIPModel model, JsonObject decays) =>
        decays.SelectMany(p => Towers(model)[p.Key].RateScales((double)p.Value!)).ToDictionary();

    private static void SameScales(AltCLIPModel model, Dictionary<string, double> actual, JsonObject expected)
    {
        // It is in neither encoder, and its factor is 1 whether or not that is said.
        const string Scale = "logit_scale";
        Compare.SameNames("parameters", model.named_parameters().Select(p => p.name).Append(Scale), expected.Select(p => p.Key).Append(Scale));
        foreach (var (name, scale) in expected)
        {
            if (!(Math.Abs(actual.GetValueOrDefault(name, 1) - (double)scale!) <= 1e-12))
                throw new MismatchException($"{name} has the factor {actual.GetValueOrDefault(name, 1)}; expected {scale}");
        }
    }
}
