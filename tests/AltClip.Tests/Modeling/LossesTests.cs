using AltClip.Modeling;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class LossesTests
{
    [Fact]
    public void ContrastiveLossOfEqualSimilaritiesIsChance()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Math.Log(5), Losses.Contrastive(ones(5, 5)).item<float>(), 1e-6);
    }

    [Fact]
    public void ContrastiveLossCountsBothDirections()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new float[,] { { 3, 1 }, { 2, 0 } });
        var texts = (Math.Log(1 + Math.Exp(-2)) + Math.Log(1 + Math.Exp(2))) / 2;
        var pictures = (Math.Log(1 + Math.Exp(-1)) + Math.Log(1 + Math.Exp(1))) / 2;
        Assert.Equal((texts + pictures) / 2, Losses.Contrastive(logits).item<float>(), 1e-6);
    }

    [Fact]
    public void TheTeacherGetsNoGradient()
    {
        using var scope = NewDisposeScope();
        var student = zeros(2, 3, requires_grad: true);
        var teacher = ones(2, 3, dtype: float64, requires_grad: true);
        var loss = Losses.TeacherLearning(student, teacher);
        loss.backward();
        Assert.Equal(1, loss.item<float>());
        Assert.Equal(float32, loss.dtype);
        Assert.Null(teacher.grad);
        Assert.True(student.grad!.allclose(full([2, 3], -1 / 3.0)));
    }

    [Fact]
    public void OnlyTheLossStays()
    {
        using var numbers = rand(4, 4);
        LiveTensors.AssertUnchanged(() =>
        {
            using (Losses.Contrastive(numbers)) { }
            using (Losses.TeacherLearning(numbers, numbers)) { }
        });
    }

    [Fact]
    public void BadInputIsRefusedByName()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>("logits_per_text", () => Losses.Contrastive(ones(2, 3)));
        Assert.Throws<ArgumentException>("logits_per_text", () => Losses.Contrastive(ones(3)));
        Assert.Throws<ArgumentException>("logits_per_text", () => Losses.Contrastive(ones(2, 2, dtype: int64)));
        Assert.Throws<ArgumentException>("student", () => Losses.TeacherLearning(ones(2, 3, 4), ones(2, 4)));
        var refusal = Assert.Throws<ArgumentException>("teacher", () => Losses.TeacherLearning(ones(2, 3), ones(2, 4)));
        Assert.Contains("[2, 4]", refusal.Message);
    }
}
