using TorchSharp;
using Xunit;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public class BatchEncodingTests
{
    [Fact]
    public void Tensors_hold_the_rows()
    {
        long before = torch.Tensor.TotalCount;
        BatchEncoding encoding = ReferenceTokenizer.Instance.Encode(
            ["a photo of a cat", "cat"], new() { Padding = PaddingStrategy.Longest, ReturnTokenTypeIds = true, ReturnSpecialTokensMask = true });

        Dictionary<string, torch.Tensor> tensors = encoding.ToTensors();

        Assert.Equal(["attention_mask", "input_ids", "special_tokens_mask", "token_type_ids"], tensors.Keys.Order());
        Assert.All(tensors.Values, tensor => Assert.Equal(torch.ScalarType.Int64, tensor.dtype));
        Assert.All(tensors.Values, tensor => Assert.Equal([2, 7], tensor.shape));
        Assert.Equal(encoding.InputIds.SelectMany(row => row).Select(id => (long)id), tensors["input_ids"].data<long>().ToArray());
        Assert.Equal(encoding.AttentionMask!.SelectMany(row => row).Select(id => (long)id), tensors["attention_mask"].data<long>().ToArray());
        foreach (torch.Tensor tensor in tensors.Values)
            tensor.Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Rows_of_different_lengths_make_no_tensors()
    {
        long before = torch.Tensor.TotalCount;
        BatchEncoding encoding = ReferenceTokenizer.Instance.Encode(["a photo of a cat", "cat"]);

        string message = Assert.Throws<InvalidOperationException>(() => encoding.ToTensors()).Message;

        Assert.Contains("row 0 has 7 tokens, row 1 has 3", message);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }
}
