using System.Text.Json;
using AltClip.Tests;
using AltClip.Training.Evaluation;
using Xunit;
using static TorchSharp.torch;

namespace AltClip.Training.Tests;

[Collection(nameof(ProcessWide))]
public sealed class RejectionCalibrationTests(EvaluationPipeline shared) : IClassFixture<EvaluationPipeline>, IDisposable
{
    private const int Classes = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheRatesAreThoseOfTheHalfThatTheThresholdWasNotChosenOn()
    {
        using var scope = NewDisposeScope();
        // All other classes are given to each picture, so that nothing is left to chance: the highest cosine of a wrong one is known.
        var (pictures, labels) = (zeros(400, Classes), new int[400]);
        for (var i = 0; i < 400; i++)
        {
            labels[i] = i % Classes;
            // Of the first half of pictures (even ones) wrong cosines are 0.000, 0.001, ...; of the second half 0.1 more.
            pictures[i, (i + 1) % Classes] = i / 2 / 1000f + (i % 2) * 0.1f;
            pictures[i, labels[i]] = i % 4 == 1 ? 0.15f : 0.9f;
        }
        var report = RejectionCalibration.Score(pictures, eye(Classes), labels, "numbers", new() { FalseAcceptRate = 0.1, LabelsPerPicture = 50 });
        // 20 of 200 may get through: 0.180 to 0.199.
        Assert.Equal(0.1791f, report.Threshold.Similarity, 1e-6);
        // Of the others those from 0.080 on, raised by 0.1: 120 of 200.
        Assert.Equal(0.6, report.Threshold.FalseAcceptRate, 1e-9);
        // The right label is below the threshold for half of them; the highest of ten wrong ones and it is then a wrong one's, where that is among the ten.
        Assert.InRange(report.Threshold.FalseRejectRate, 0.2, 0.28);
        Assert.Equal((11, 200, 200, "numbers"), (report.Threshold.LabelsPerPicture, report.Threshold.Pictures, report.CalibrationPictures, report.Threshold.CalibratedOn));
    }

    [Fact]
    public void MoreWrongLabelsTakeAHigherThreshold()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var (pictures, classes) = (nn.functional.normalize(randn(600, 64), dim: 1), nn.functional.normalize(randn(200, 64), dim: 1));
        int[] labels = [.. Enumerable.Range(0, 600).Select(i => i % 200)];
        RejectionReport With(int count, double rate = 0.05) => RejectionCalibration.Score(pictures, classes, labels, "noise", new() { LabelsPerPicture = count, FalseAcceptRate = rate });
        var reports = new[] { With(1), With(5), With(25), With(150) };
        Assert.Equal(reports.Select(report => report.Threshold.Similarity).Order(), reports.Select(report => report.Threshold.Similarity));
        Assert.True(reports[0].Threshold.Similarity < reports[3].Threshold.Similarity);
        // Noise on one half is as on the other.
        Assert.All(reports, report => Assert.InRange(report.Threshold.FalseAcceptRate, 0.02, 0.09));
        Assert.True(With(5, 0.01).Threshold.Similarity > With(5, 0.2).Threshold.Similarity);
        Assert.Equal(With(5), With(5));
    }

    [Fact]
    public async Task PicturesOfFilesGiveWhatTheirEmbeddingsGive()
    {
        string[] files = ["x_cat.jpg", "x_dog.jpg", "x_man.jpg", "x_woman.jpg", "x_rat.jpg", "dog.jpeg"];
        string[] classes = ["cat", "dog", "man", "woman"];
        List<LabelledImage> images =
        [
            .. files.Select((file, i) => new LabelledImage(ImageSource.FromFile(TestData.Path("images", "real", file)), i % 4)),
            new(ImageSource.FromBytes(new byte[20], "broken.png"), 0),
        ];
        var options = new RejectionOptions { FalseAcceptRate = 0.4, LabelsPerPicture = 2 };
        var before = Tensor.TotalCount;
        var report = await RejectionCalibration.RunAsync(shared.Skipping, images, ZeroShotPrompts.Create(classes), "six", options);
        Assert.Equal(before, Tensor.TotalCount);
        Assert.Equal("broken.png", Assert.Single(report.Skipped).Name);
        using var pictures = shared.Pipeline.EmbedImages([.. images.SkipLast(1).Select(image => image.Image)]);
        using var texts = shared.Pipeline.EmbedText(classes);
        var expected = RejectionCalibration.Score(pictures, texts, [.. images.SkipLast(1).Select(image => image.Label)], "six", options);
        Assert.Equal(expected.Threshold.Similarity, report.Threshold.Similarity, 2e-4);
        Assert.Equal((expected.Threshold.FalseAcceptRate, expected.Threshold.FalseRejectRate), (report.Threshold.FalseAcceptRate, report.Threshold.FalseRejectRate));
        Assert.Equal((3, 3, 4), (report.CalibrationPictures, report.Threshold.Pictures, report.Classes));
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(report.Threshold.FalseRejectRate, json.RootElement.GetProperty("false_reject_rate").GetDouble());
        Assert.Contains("measured on                            3 others\n", report.ToString());
    }

    [Fact]
    public void WhatNoThresholdCanBeChosenFromIsRefused()
    {
        using var two = eye(2);
        using var one = ones(1, 2);
        using var many = ones(40, 2);
        int[] labels = new int[40];
        Assert.Contains("expected 40 at least", Assert.Throws<ArgumentException>("imageEmbeds", () => RejectionCalibration.Score(two, two, [0, 1], "x")).Message);
        Assert.Contains("one class", Assert.Throws<ArgumentException>("classEmbeds", () => RejectionCalibration.Score(many, one, labels, "x")).Message);
        foreach (var options in new RejectionOptions[] { new() { FalseAcceptRate = 0 }, new() { FalseAcceptRate = 1 }, new() { FalseAcceptRate = double.NaN }, new() { LabelsPerPicture = 0 } })
            Assert.Throws<ArgumentException>("options", () => RejectionCalibration.Score(many, two, labels, "x", options));
        Assert.Throws<ArgumentException>("calibratedOn", () => RejectionCalibration.Score(many, two, labels, " "));
    }
}
