using AltClip.Imaging;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

[Collection(nameof(ProcessWide))]
public sealed class AltCLIPProcessorTests
{
    private static readonly string Folder = TestData.Path("e2e");
    private static readonly AltCLIPProcessor Processor = AltCLIPProcessor.FromPretrained(Folder);

    private static ImageSource Cat => ImageSource.FromFile(TestData.Path("images", "real", "x_cat.jpg"));

    private static ImageSource Broken => ImageSource.FromBytes(new byte[100], "broken.jpg");

    [Fact]
    public void TextsAndPictures()
    {
        using var inputs = Processor.Process(["a cat", "一只在窗边睡觉的猫"], [Cat, Cat, Cat]);
        Assert.Equal(2, inputs.InputIds!.shape[0]);
        Assert.Equal(inputs.InputIds.shape, inputs.AttentionMask!.shape);
        Assert.Equal(ScalarType.Int64, inputs.InputIds.dtype);
        Assert.Equal([3, 3, 224, 224], inputs.PixelValues!.shape);
        Assert.Equal(ScalarType.Float32, inputs.PixelValues.dtype);
        Assert.Equal([0, 1, 2], inputs.ImageIndices);
        Assert.Null(inputs.TokenTypeIds);
    }

    [Fact]
    public void TextsAlone()
    {
        using var inputs = Processor.Process(text: ["a cat"]);
        Assert.Null(inputs.PixelValues);
        Assert.Equal(inputs.InputIds!.shape[1], inputs.Encoding!.InputIds[0].Length);
    }

    [Fact]
    public void PicturesAlone()
    {
        using var inputs = Processor.Process(images: [Cat]);
        Assert.Null(inputs.InputIds);
        Assert.Null(inputs.Encoding);
        Assert.NotNull(inputs.PixelValues);
    }

    [Fact]
    public void OptionsReachBothParts()
    {
        var options = new AltCLIPProcessorOptions
        {
            Text = new TokenizerOptions
            {
                Padding = PaddingStrategy.MaxLength,
                MaxLength = 9,
                Truncation = TruncationStrategy.LongestFirst,
                ReturnTokenTypeIds = true,
                ReturnSpecialTokensMask = true,
            },
            Images = new ImageProcessingOptions
            {
                Config = Processor.ImageProcessor.Config with { Size = ImageSize.Shortest(64), CropSize = ImageSize.Exactly(48, 48) },
            },
            Dtype = ScalarType.BFloat16,
        };
        LiveTensors.AssertUnchanged(() =>
        {
            using var inputs = Processor.Process(["a cat", "a very long text about cats, dogs and everything else"], [Cat], options);
            Assert.Equal([2, 9], inputs.InputIds!.shape);
            Assert.Equal([2, 9], inputs.TokenTypeIds!.shape);
            Assert.Equal([2, 9], inputs.SpecialTokensMask!.shape);
            Assert.Equal([1, 3, 48, 48], inputs.PixelValues!.shape);
            Assert.Equal(ScalarType.BFloat16, inputs.PixelValues.dtype);
        });
    }

    [Fact]
    public void APictureThatCannotBeReadNamesItself() => LiveTensors.AssertUnchanged(() =>
    {
        var error = Assert.Throws<ImageException>(() => Processor.Process(["a cat"], [Cat, Broken]));
        Assert.Contains("broken.jpg", error.Message);
    });

    [Fact]
    public void APictureThatCannotBeReadMayBeLeftOut()
    {
        var options = new AltCLIPProcessorOptions { Images = new ImageProcessingOptions { OnError = ImageErrorHandling.Skip } };
        using var inputs = Processor.Process(images: [Broken, Cat], options: options);
        Assert.Equal([1], inputs.ImageIndices);
        Assert.Equal("broken.jpg", Assert.Single(inputs.SkippedImages).Name);
        Assert.Equal(1, inputs.PixelValues!.shape[0]);
    }

    [Fact]
    public void RowsArePaddedUnlessToldOtherwise()
    {
        using var inputs = Processor.Process(["a cat", "a longer text"], options: new AltCLIPProcessorOptions { Text = new TokenizerOptions { MaxLength = 30 } });
        Assert.Equal(2, inputs.InputIds!.shape[0]);
    }

    [Fact]
    public void NothingToProcessIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Processor.Process());
        Assert.Throws<ArgumentException>(() => Processor.Process(text: []));
        Assert.Throws<ArgumentException>(() => Processor.Process(images: []));
        Assert.Throws<ArgumentException>(() => Processor.Process(text: [null!]));
    }

    [Fact]
    public void CancelledBeforeWork() =>
        Assert.ThrowsAny<OperationCanceledException>(() => Processor.Process(["a"], [Cat], cancellationToken: new CancellationToken(true)));

    [Fact]
    public void WhatIsSavedLoads()
    {
        using var folder = new TemporaryFolder();
        Processor.SavePretrained(folder.Path);
        using var loaded = AltCLIPProcessor.FromPretrained(folder.Path);
        using var expected = Processor.Process(["一只猫 <mask>"], [Cat]);
        using var actual = loaded.Process(["一只猫 <mask>"], [Cat]);
        Assert.True(expected.InputIds!.Equals(actual.InputIds!));
        Assert.True(expected.PixelValues!.Equals(actual.PixelValues!));
    }

    [Fact]
    public void InputNamesAreTransformers() =>
        Assert.Equal(["input_ids", "attention_mask", "pixel_values"], AltCLIPProcessor.ModelInputNames);

    [Fact]
    public void ModelTakesWhatTheProcessorMakes()
    {
        using var model = AltCLIPModel.FromPretrained(Folder);
        using var texts = Processor.Process(text: ["a cat"]);
        Assert.Contains("no pictures", Assert.Throws<ArgumentException>(() => model.forward(texts)).Message);
        using var inputs = Processor.Process(["a cat"], [Cat]);
        using var output = model.forward(inputs);
        Assert.Equal([1, 1], output.LogitsPerImage.shape);
    }
}
