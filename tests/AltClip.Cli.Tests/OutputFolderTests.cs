using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>A file stands where a command would put its folder: said before any work, in the same words by all.</summary>
public sealed class OutputFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("embed", "PICTURES", "--output", "FILE")]
    [InlineData("convert", "owner/not-downloaded", "FILE")]
    [InlineData("export", "onnx", "owner/not-downloaded", "--output", "FILE")]
    [InlineData("quantize", "owner/not-downloaded", "--images", "PICTURES", "--output", "FILE")]
    [InlineData("train", "CAPTIONS", "--output", "FILE")]
    [InlineData("train", "CAPTIONS", "--output", "OUT", "--checkpoint-folder", "FILE")]
    [InlineData("sort", "PICTURES", "--labels", "a", "b", "--into", "FILE", "--copy")]
    public async Task AFileIsNoFolder(params string[] command)
    {
        File.WriteAllText(_folder.File("file"), "mine");
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        foreach (var (given, said) in new[] { ("file", "file is a file; expected a folder."), ("file/below", $"file is a file; expected a folder above {_folder.File("file/below")}.") })
        {
            var result = await Cli.RunAsync([.. command.Select(word => word switch
            {
                "PICTURES" => TestData.Path("emoji"),
                "CAPTIONS" => captions,
                "FILE" => _folder.File(given),
                "OUT" => _folder.File("out"),
                _ => word,
            })]);
            Assert.Equal(ExitCode.Failed, result.Code);
            Assert.Contains(said, result.Errors);
        }
        Assert.Equal("mine", File.ReadAllText(_folder.File("file")));
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public async Task AModelIsNotConvertedIntoItself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need rights there.");
        Directory.CreateDirectory(_folder.File("model"));
        foreach (var file in Directory.GetFiles(TestData.Path("e2e"))) File.Copy(file, Path.Combine(_folder.File("model"), Path.GetFileName(file)));
        Directory.CreateSymbolicLink(_folder.File("link"), "model");
        foreach (var (source, target) in new[] { ("model", "model"), ("model", "link"), ("link", "model") })
        {
            var result = await Cli.RunAsync("convert", _folder.File(source), _folder.File(target), "--force");
            Assert.Equal(ExitCode.WrongUsage, result.Code);
            Assert.Contains("is the model itself", result.Errors);
        }
    }
}
