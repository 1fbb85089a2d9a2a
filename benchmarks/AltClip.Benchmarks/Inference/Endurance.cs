using static TorchSharp.torch;

namespace AltClip.Benchmarks;

/// <summary>What a process holds before and after ten thousand calls, of batches and lengths as they come.</summary>
/// <param name="Precision">The precision.</param>
/// <param name="Calls">How many calls.</param>
/// <param name="TensorsBefore">Live tensors before them.</param>
/// <param name="TensorsAfter">And after.</param>
/// <param name="ResidentBefore">Resident bytes when half as many calls had warmed the process up.</param>
/// <param name="ResidentAfter">And after.</param>
internal sealed record Endurance(
    string Precision, int Calls, long TensorsBefore, long TensorsAfter, long ResidentBefore, long ResidentAfter)
{
    private static readonly int AllCalls = Effort.Of(10_000, quick: 50);

    /// <param name="reference">The reference's folder, which has a small checkpoint, <c>e2e</c>, in it.</param>
    public static IEnumerable<Endurance> Measure(string reference)
    {
        using var model = AltCLIPModel.FromPretrained(Path.Combine(reference, "e2e"));
        foreach (var precision in Enum.GetValues<InferencePrecision>())
        {
            using var packed = model.ForInference(new() { Precision = precision });
            Call(packed, AllCalls / 2); // until every length and batch has been there, and the allocators have what they need
            var (tensors, resident) = (Tensor.TotalCount, Machine.ResidentBytes);
            Call(packed, AllCalls);
            yield return new(precision.ToString(), AllCalls, tensors, Tensor.TotalCount, resident, Machine.ResidentBytes);
        }
    }

    private static void Call(AltCLIPInference packed, int calls)
    {
        var random = new Random(1);
        var side = packed.Config.VisionConfig.ImageSize;
        for (var i = 0; i < calls; i++)
        {
            using var scope = NewDisposeScope();
            if (i % 8 == 0) packed.get_image_features(randn(random.Next(1, 5), 3, side, side));
            else packed.get_text_features(randint(5, packed.Config.TextConfig.VocabSize, [random.Next(1, 9), random.Next(3, 33)]));
        }
    }
}
