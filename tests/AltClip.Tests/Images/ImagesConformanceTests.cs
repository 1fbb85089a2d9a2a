using System.Text.Json.Nodes;
using AltClip.Checkpoints;
using AltClip.Conformance;
using TorchSharp;
using Xunit;

namespace AltClip.Tests;

public class ImagesConformanceTests : ImageTests
{
    [Fact]
    public void EveryReferenceCaseIsEqualToTheBit()
    {
        var report = ImagesGroup.Run(TestData.Path("images"));

        Assert.Empty(report.Failures);
        Assert.Equal(0, report.WorstDifference);
        Assert.Equal(50 + 23 + 9 * 6 + 1 + 1, report.Cases);
    }

    [Theory]
    [InlineData("a hash", "images.0.upright_rgb_sha256", "00")]
    [InlineData("a size", "images.0.size.0", 7)]
    [InlineData("an unknown key", "images.0.colour", "RGB")]
    [InlineData("an unknown group", "rotate", 1)]
    [InlineData("an unknown option", "options.0.config.do_flip", true)]
    [InlineData("another option", "options.0.config.rescale_factor", 0.5)]
    [InlineData("another filter", "resample_names.0", "cubic")]
    public void WhatIsWrongInAnotherFolderIsFound(string what, string path, object value)
    {
        using var folder = new TemporaryFolder();
        var cases = JsonNode.Parse(File.ReadAllText(TestData.Path("images", "cases.json")))!.AsObject();
        Keep(cases, "images", image => image["file"]!.GetValue<string>() == "size-2x3.png");
        Keep(cases, "options", option => option["name"]!.GetValue<string>() == "enlarge nearest");
        Keep(cases, "resize", resize => resize["case"]!.GetValue<int>() == 8);
        string[] names =
            ["normalise_lut", "option/enlarge nearest", "resize/8/in", .. Enumerable.Range(0, 6).Select(filter => $"resize/8/{filter}")];
        using (torch.NewDisposeScope())
        using (var all = SafeTensors.Open(TestData.Path("images", "tensors.safetensors")))
            SafeTensors.Save(folder.File("tensors.safetensors"), names.Select(name => KeyValuePair.Create(name, all[name])));
        Copy("files/size-2x3.png");
        Copy("expected/size-2x3.png.png");
        File.WriteAllText(folder.File("cases.json"), cases.ToJsonString());
        Assert.Empty(ImagesGroup.Run(folder.Path).Failures);

        Set(cases, path.Split('.'), JsonValue.Create(value)!);
        File.WriteAllText(folder.File("cases.json"), cases.ToJsonString());

        Assert.True(ImagesGroup.Run(folder.Path).Failures.Count > 0, what);

        void Copy(string file)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
            File.Copy(TestData.Path("images", file), folder.File(file));
        }
    }

    private static void Keep(JsonObject cases, string group, Predicate<JsonObject> wanted) =>
        cases[group] = new JsonArray([.. cases[group]!.AsArray().Where(item => wanted(item!.AsObject())).Select(item => item!.DeepClone())]);

    private static void Set(JsonNode node, ReadOnlySpan<string> path, JsonValue value)
    {
        for (; path.Length > 1; path = path[1..])
            node = node is JsonArray items ? items[int.Parse(path[0])]! : node[path[0]]!;
        if (node is JsonArray array)
            array[int.Parse(path[0])] = value;
        else
            node[path[0]] = value;
    }
}
