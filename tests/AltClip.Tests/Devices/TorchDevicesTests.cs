using AltClip.Native;
using AltClip.Shared;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

public sealed class TorchDevicesTests
{
    private static readonly string[] TwoGpus = ["cpu", "cuda:0", "cuda:1"];

    [Theory]
    [InlineData("cpu", true)]
    [InlineData("CUDA", true)]
    [InlineData("cuda:0", true)]
    [InlineData("cuda:17", true)]
    [InlineData("mps", true)]
    [InlineData("cuda:", false)]
    [InlineData("cuda:01", false)]
    [InlineData("cuda:0\n", false)]
    [InlineData("cuda:-1", false)]
    [InlineData("cpu:1", false)]
    [InlineData("gpu", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void NamesAreThoseOfPyTorch(string? name, bool expected)
    {
        Assert.Equal(expected, TorchDevices.IsName(name));
        if (name is not null && !expected) Assert.Contains("cuda:N", Assert.Throws<ArgumentException>(() => TorchDevices.Get(name)).Message);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    [InlineData("Cuda:1")]
    public void WhatIsThereIsNotRefused(string name) => TorchDevices.Require(name, TwoGpus);

    [Fact]
    public void WhatIsNotThereIsRefusedWithTheNamesOfWhatIs()
    {
        Assert.Equal(
            "There is no device cuda:3 here; there is cpu, cuda:0, cuda:1.",
            Assert.Throws<NotSupportedException>(() => TorchDevices.Require("cuda:3", TwoGpus)).Message);
        Assert.Equal("There is no device mps here; there is cpu.", Assert.Throws<NotSupportedException>(() => TorchDevices.Require("mps", ["cpu"])).Message);
        Assert.Contains("TorchSharp-cuda-linux", Assert.Throws<NotSupportedException>(() => TorchDevices.Require("cuda", ["cpu"])).Message);
    }

    [Fact]
    public void EachOfThoseThereAreCanBeHad()
    {
        Assert.Equal("cpu", TorchDevices.Available[0]);
        Assert.All(TorchDevices.Available, name => Assert.Equal(name, TorchDevices.Get(name).ToString()));
        foreach (var absent in new[] { "cuda:999", "mps" }.Except(TorchDevices.Available))
            Assert.Contains("there is cpu", Assert.Throws<NotSupportedException>(() => TorchDevices.Get(absent)).Message);
    }

    [Fact]
    public void ACopyHasTheSameNumbers()
    {
        using var scope = NewDisposeScope();
        var numbers = arange(24, device: CPU).view(4, 6);
        var copy = numbers[.., 1..3].ToDevice(TestDevice.Current);
        Assert.Equal(TestDevice.Current.type, copy.device_type);
        Assert.True(copy.cpu().equal(numbers[.., 1..3]).all().item<bool>());
        Assert.True(copy.ToDevice(CPU).equal(numbers[.., 1..3]).all().item<bool>());
    }
}
