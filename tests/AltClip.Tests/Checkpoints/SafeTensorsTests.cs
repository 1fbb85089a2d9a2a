using System.Text;
using AltClip.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

public class SafeTensorsTests : CheckpointTests
{
    [Fact]
    public void OpensAReferenceFile()
    {
        using var file = SafeTensors.Open(TestData.Path("checkpoints", "base", "model.safetensors"));

        Assert.Equal(115, file.Names.Count);
        Assert.Equal("pt", Assert.Single(file.Metadata, pair => pair.Key == "format").Value);
        Assert.Equal(new SafeTensorInfo("logit_scale", ScalarType.Float32, []), file.Tensors[0]);
        Assert.Equal(new SafeTensorInfo("text_projection.weight", ScalarType.Float32, [20, 24]), file.Describe("text_projection.weight"));
        using var scale = file["logit_scale"];
        Assert.Equal(2.6592f, scale.item<float>(), 1e-4f);
    }

    // The format's own library wrote these: the same tensors must give the same bytes, whatever their order here.
    [Theory]
    [InlineData("checkpoints/base/model.safetensors")]
    [InlineData("checkpoints/base-f16/model.safetensors")]
    [InlineData("checkpoints/base-bf16/model.safetensors")]
    [InlineData("models/tensors.safetensors")]
    [InlineData("training/tensors.safetensors")]
    [InlineData("full/tensors.safetensors")]
    [InlineData("images/tensors.safetensors")]
    [InlineData("tokenizer/lines.safetensors")]
    [InlineData("e2e/expected.safetensors")]
    public void SavesWhatTheFormatsOwnLibraryDoes(string reference)
    {
        string copy = Folder.File("copy.safetensors");
        using (var scope = NewDisposeScope())
        using (var file = SafeTensors.Open(TestData.Path(reference)))
            SafeTensors.Save(copy, file.Names.Reverse().ToDictionary(name => name, name => file[name]), file.Metadata);

        Assert.Equal(File.ReadAllBytes(TestData.Path(reference)), File.ReadAllBytes(copy));
        Assert.Equal(["copy.safetensors"], Folder.Files);
    }

    [Theory]
    [InlineData(ScalarType.Bool)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void EveryTypeComesBackAsItWas(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        var saved = tensor(new[] { 0, 1, 2, 3, 100, 127 }).to(dtype).reshape(2, 1, 3);
        SafeTensors.Save(Folder.File("x"), new Dictionary<string, Tensor> { ["x"] = saved, ["empty"] = empty([0, 3], dtype: dtype) });

        using var file = SafeTensors.Open(Folder.File("x"));
        Assert.Equal(new SafeTensorInfo("x", dtype, [2, 1, 3]), file.Describe("x"));
        Assert.Equal(TensorBytes.Of(saved), TensorBytes.Of(file["x"]));
        Assert.Equal([0L, 3], file["empty"].shape);
        Assert.Equal(dtype, file["empty"].dtype);
    }

    [Fact]
    public void SavesTensorsThatAreNotContiguous()
    {
        using var scope = NewDisposeScope();
        var whole = arange(24, dtype: ScalarType.Float32).reshape(4, 6);
        var views = new Dictionary<string, Tensor> { ["transposed"] = whole.t(), ["part"] = whole.narrow(1, 2, 3), ["expanded"] = whole[0].expand(3, 6) };
        SafeTensors.Save(Folder.File("x"), views);

        using var file = SafeTensors.Open(Folder.File("x"));
        Assert.All(views, view => Assert.Equal(TensorBytes.Of(view.Value), TensorBytes.Of(file[view.Key])));
        Assert.All(views, view => Assert.True(file[view.Key].is_contiguous()));
    }

    [Fact]
    public void SavesParametersWithoutTouchingTheirGraph()
    {
        using var scope = NewDisposeScope();
        var parameter = ones(3, requires_grad: true);
        SafeTensors.Save(Folder.File("x"), new Dictionary<string, Tensor> { ["x"] = parameter });

        using var file = SafeTensors.Open(Folder.File("x"));
        Assert.False(file["x"].requires_grad);
        Assert.True(parameter.requires_grad && parameter.is_leaf);
    }

    [Fact]
    public void MetadataAndNamesKeepTheirText()
    {
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["note"] = "\"一只猫\" <é> \n" };
        using (var x = ones(1))
            SafeTensors.Save(Folder.File("x"), new Dictionary<string, Tensor> { ["名/\"x\""] = x }, metadata);

        using var file = SafeTensors.Open(Folder.File("x"));
        Assert.Equal(metadata, file.Metadata);
        Assert.Equal(["名/\"x\""], file.Names);
    }

    [Fact]
    public void HeaderIsPaddedAndMetadataOptional()
    {
        SafeTensors.Save(Folder.File("x"), []);

        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], File.ReadAllBytes(Folder.File("x")));
        using var file = SafeTensors.Open(Folder.File("x"));
        Assert.Empty(file.Names);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void TensorsOutliveTheFileAndTheScopeItWasOpenedIn()
    {
        string path = TestData.Path("checkpoints", "base", "model.safetensors");
        SafeTensors file;
        using (NewDisposeScope())
            file = SafeTensors.Open(path);

        using var scale = file["logit_scale"];
        file.Dispose();
        Assert.Equal(2.6592f, scale.item<float>(), 1e-4f);
        Assert.Throws<ObjectDisposedException>(() => file["logit_scale"]);
        file.Dispose();
    }

    [Fact]
    public void TensorsAreViewsOfOneMapThatDoNotWriteToTheFile()
    {
        using (var x = ones(1024))
            SafeTensors.Save(Folder.File("x"), new Dictionary<string, Tensor> { ["x"] = x });

        byte[] before = File.ReadAllBytes(Folder.File("x"));
        using var scope = NewDisposeScope();
        using var file = SafeTensors.Open(Folder.File("x"));
        file["x"].zero_();

        Assert.Equal(0, file["x"].sum().item<float>());
        Assert.Equal(before, File.ReadAllBytes(Folder.File("x")));
        using var again = SafeTensors.Open(Folder.File("x"));
        Assert.Equal(1024, again["x"].sum().item<float>());
    }

    [Fact]
    public void AFileCanBeSavedOverWhileItsTensorsLive()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not replace a mapped file.");
        string path = Folder.File("x");
        using var scope = NewDisposeScope();
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["x"] = ones(5000), ["y"] = zeros(5000) });
        using var file = SafeTensors.Open(path);
        var x = file["x"];
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["only"] = x.add(1) });

        Assert.Equal(5000, x.sum().item<float>());
        Assert.Equal(0, file["y"].sum().item<float>());
        using var second = SafeTensors.Open(path);
        Assert.Equal(10000, second["only"].sum().item<float>());
    }

    // Headers were not padded before 2023, so that offsets need not be multiples of the element's size.
    [Fact]
    public void TensorsAtOddOffsetsAreRead()
    {
        string header = SafeTensorsBytes.Tensor("x", "F32", "[2,3]", "[0,24]");
        header = header.PadRight((header.Length | 7) + 2);
        byte[] bytes = SafeTensorsBytes.Of(header, 24);
        using var file = SafeTensors.Open(Folder.Write("x", bytes));
        using var x = file["x"];

        Assert.Equal([2L, 3], x.shape);
        Assert.Equal(bytes[^24..], x.bytes.ToArray());
    }

    [Fact]
    public void NamesThatTheFileLacksAreNamed()
    {
        string path = TestData.Path("checkpoints", "base", "model.safetensors");
        using var file = SafeTensors.Open(path);

        Assert.Throws<ArgumentNullException>("name", () => file.TryGetTensor(null!, out _));
        Assert.Throws<ArgumentNullException>("name", () => file.GetTensor(null!));
        var exception = Assert.Throws<KeyNotFoundException>(() => file["Logit_scale"]);
        Assert.Contains("Logit_scale", exception.Message);
        Assert.Contains(path, exception.Message);
        Assert.False(file.TryGetTensor("Logit_scale", out var none));
        Assert.Null(none);
        Assert.True(file.TryGetTensor("logit_scale", out var scale));
        scale.Dispose();
    }

    [Fact]
    public void WhatCannotBeSavedIsRefusedAndLeavesNothing()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, 2);
        var disposed = ones(1);
        disposed.Dispose();

        Refuses("'x' is null", ("x", null));
        Refuses("'x' is disposed", ("x", disposed));
        Refuses("ComplexFloat32", ("x", zeros(2, dtype: ScalarType.ComplexFloat32)));
        Refuses("'x' is sparse", ("x", x.to_sparse()));
        Refuses("'x' is on the meta device", ("x", empty(2, device: META)));
        Refuses("__metadata__", ("__metadata__", x));
        Refuses("named null", (null, x));
        Refuses("'x' occurs twice", ("x", x), ("x", x));

        void Refuses(string message, params (string? Name, Tensor? Tensor)[] tensors)
        {
            var pairs = tensors.Select(tensor => KeyValuePair.Create(tensor.Name!, tensor.Tensor!));
            var exception = Assert.Throws<ArgumentException>(() => SafeTensors.Save(Folder.File("y"), pairs));
            Assert.Contains(message, exception.Message);
            Assert.Empty(Folder.Files);
        }
    }

    [Fact]
    public void AFailedSaveLeavesTheOldFileAlone()
    {
        using var scope = NewDisposeScope();
        Directory.CreateDirectory(Folder.File("taken"));
        var tensors = new Dictionary<string, Tensor> { ["x"] = ones(2) };

        Assert.ThrowsAny<IOException>(() => SafeTensors.Save(Folder.File("no/such/folder"), tensors));
        Assert.ThrowsAny<Exception>(() => SafeTensors.Save(Folder.File("taken"), tensors));
        Assert.Equal(["taken"], Folder.Files);
    }

    [Fact]
    public void DescriptionsSayWhatTheyCount()
    {
        var info = new SafeTensorInfo("x", ScalarType.Float16, [2, 3, 4]);

        Assert.Equal(24, info.ElementCount);
        Assert.Equal(48, info.ByteCount);
        Assert.Equal("x Float16 [2, 3, 4]", info.ToString());
        Assert.Equal(info, new SafeTensorInfo("x", ScalarType.Float16, [2, 3, 4]));
        Assert.Equal(info.GetHashCode(), new SafeTensorInfo("x", ScalarType.Float16, [2, 3, 4]).GetHashCode());
        Assert.NotEqual(info, info with { Shape = [2, 4, 3] });
        Assert.Equal(1, new SafeTensorInfo("scalar", ScalarType.Float32, []).ElementCount);
    }

    [Fact]
    public void HeadersMayHaveMembersThatTheFormatDoesNotKnow()
    {
        byte[] bytes = SafeTensorsBytes.Of(Encoding.UTF8.GetBytes("""{"x":{"note":[{}],"dtype":"U8","shape":[2],"data_offsets":[0,2]}}  """), 2);
        using var file = SafeTensors.Open(Folder.Write("x", bytes));

        Assert.Equal([new SafeTensorInfo("x", ScalarType.Byte, [2])], file.Tensors);
    }
}
