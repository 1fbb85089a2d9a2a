using System.Text;
using System.Text.Json.Nodes;
using AltClip.Modeling;
using Xunit;

namespace AltClip.Tests;

/// <summary>The real sizes, from a file of zeros that takes no disk.</summary>
[Collection(nameof(ProcessWide))]
public sealed class FullSizeMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [Trait("Category", "FullSize")]
    public void MappedWeightsAreNotCopied()
    {
        Assert.SkipUnless(File.Exists("/proc/self/status"), "Only Linux tells a process's own and its mapped memory apart.");
        var config = new AltCLIPConfig
        {
            VisionConfig = new AltCLIPVisionConfig
            {
                HiddenSize = 1024,
                IntermediateSize = 4096,
                NumHiddenLayers = 24,
                NumAttentionHeads = 16,
                PatchSize = 14,
                ProjectionDim = 768,
            },
        };
        var bytes = WriteZeros(config);
        Assert.Equal(864_186_113 * 4L, bytes);

        var before = OwnMemory();
        using (var model = AltCLIPModel.FromPretrained(_folder.Path))
        {
            var own = OwnMemory() - before;
            Assert.True(own < bytes / 20, $"Opening took {own / 1_000_000} MB of the process's own memory for a file of {bytes / 1_000_000} MB.");
        }
    }

    /// <summary>Writes the folder, with a header for all parameters and a hole for their numbers.</summary>
    private long WriteZeros(AltCLIPConfig config)
    {
        File.WriteAllText(_folder.File("config.json"), config.ToJson());
        var header = new JsonObject();
        long end = 0;
        using (var skeleton = AltCLIPModel.WithoutWeights(config))
        {
            foreach (var slot in ParameterSlots.Of(skeleton))
            {
                var begin = end;
                end += 4 * slot.Shape.Aggregate(1L, (product, size) => product * size);
                header[slot.Name] = new JsonObject
                {
                    ["dtype"] = "F32",
                    ["shape"] = new JsonArray([.. slot.Shape.Select(size => JsonValue.Create(size))]),
                    ["data_offsets"] = new JsonArray(begin, end),
                };
            }
        }
        var text = Encoding.UTF8.GetBytes(header.ToJsonString());
        var padded = (text.Length + 7) / 8 * 8;
        using var file = File.Create(_folder.File("model.safetensors"));
        file.Write(BitConverter.GetBytes((long)padded));
        file.Write(text);
        file.Write(Enumerable.Repeat((byte)' ', padded - text.Length).ToArray());
        file.SetLength(8 + padded + end);
        return end;
    }

    private static long OwnMemory()
    {
        var line = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("RssAnon:"));
        return 1024 * long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1]);
    }
}
