using System.Text.Json;
using AltClip.Checkpoints;
using AltClip.Training.Teacher;

namespace AltClip.Conformance;

/// <summary>
/// The group <c>clip-tokenizer</c>: every line's ids without limit, and the first lines' ids and masks cut and padded to the model's length.
/// </summary>
internal static class ClipTokenizerGroup
{
    public static GroupReport Run(string folder)
    {
        var report = new GroupReport("clip-tokenizer");
        var tokenizer = CLIPTokenizer.FromPretrained(folder);
        string[] lines = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(folder, "lines.json")))!;
        using SafeTensors file = SafeTensors.Open(Path.Combine(folder, "lines.safetensors"));
        Dictionary<string, long[]> expected = file.Names.ToDictionary(name => name, file.Integers);
        if (!expected.Keys.ToHashSet().SetEquals(["offsets", "ids", "padded_ids", "padded_mask"]))
            report.Failed("lines.safetensors", $"this program knows not all of its tensors {string.Join(", ", expected.Keys)}");

        long[] offsets = expected["offsets"];
        if (offsets.Length != lines.Length + 1)
        {
            report.Failed("lines", $"lines.json has {lines.Length} lines, offsets {offsets.Length - 1}");
            return report;
        }
        BatchEncoding found = tokenizer.Encode(lines, PaddingStrategy.None, maxLength: null);
        for (int i = 0; i < lines.Length; i++)
            CompareRow(report, $"line {i}", expected["ids"][(int)offsets[i]..(int)offsets[i + 1]], found.InputIds[i]);
        RunPadded(report, tokenizer, lines, expected["padded_ids"], expected["padded_mask"]);
        return report;
    }

    private static void RunPadded(GroupReport report, CLIPTokenizer tokenizer, string[] lines, long[] ids, long[] mask)
    {
        const int Length = CLIPTokenizer.ModelMaxLength;
        BatchEncoding padded = tokenizer.Encode(lines[..(ids.Length / Length)], PaddingStrategy.MaxLength);
        for (int i = 0; i < padded.Count; i++)
        {
            var row = (i * Length)..((i + 1) * Length);
            CompareRow(report, $"padded line {i}", ids[row], padded.InputIds[i]);
            CompareRow(report, $"mask of padded line {i}", mask[row], padded.AttentionMask![i]);
        }
    }

    private static void CompareRow(GroupReport report, string name, long[] expected, int[] found)
    {
        if (expected.SequenceEqual(Array.ConvertAll(found, id => (long)id)))
            report.Passed();
        else
            report.Failed(name, $"expected [{string.Join(", ", expected)}], found [{string.Join(", ", found)}]");
    }
}
