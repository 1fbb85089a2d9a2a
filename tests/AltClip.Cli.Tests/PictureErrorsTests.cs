using System.Buffers.Binary;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>What is said of pictures that can't be read; that no message has a name of the libraries, <see cref="Cli"/> looks for itself.</summary>
public sealed class PictureErrorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NamesOfTheLibrariesAreFound() => Assert.Equal(
        ["MaxPixels", "AltCLIPPipelineOptions", "cancellationToken", "FromPretrained"],
        LibraryNames.In("the 100 that MaxPixels (AltCLIPPipelineOptions) allows: cancellationToken. FromPretrained(file 'openMoji/MaxPixels.jpg') of OpenMoji and iPhone"));

    [Theory]
    [InlineData("classify", "FILE", "--labels", "cat", "dog")]
    [InlineData("explain", "FILE", "--text", "cat")]
    [InlineData("index", "FOLDER", "--store", "STORE")]
    [InlineData("sort", "FOLDER", "--labels", "cat", "dog", "--into", "SORTED")]
    [InlineData("embed", "FOLDER", "--output", "SORTED")]
    public async Task TheReasonIsInWordsOfThoseWhoType(params string[] command)
    {
        var picture = TestPictures.Jpeg(320, 240);
        Assert.Contains("the file ends before its picture does", await ErrorsAsync(picture[..(picture.Length / 2)], command));
        Assert.Contains("claims 65000 x 65000 pixels, more than the limit of ", await ErrorsAsync(Claiming(picture, 65_000), command));
    }

    private async Task<string> ErrorsAsync(byte[] picture, string[] command)
    {
        Directory.CreateDirectory(_folder.File("pictures"));
        File.WriteAllBytes(_folder.File("pictures/bad.jpg"), picture);
        var result = await Cli.RunAsync([.. command.Select(word => word switch
        {
            "FILE" => _folder.File("pictures/bad.jpg"),
            "FOLDER" => _folder.File("pictures"),
            "STORE" => _folder.File("store.duckdb"),
            "SORTED" => _folder.File("sorted"),
            _ => word,
        })]);
        Assert.NotEqual(ExitCode.Done, result.Code);
        if (command[0] != "embed") return result.Errors;
        var report = File.ReadAllText(Directory.GetFiles(_folder.File("sorted"), "errors.jsonl", SearchOption.AllDirectories).Single());
        Directory.Delete(_folder.File("sorted"), recursive: true);
        Assert.Empty(LibraryNames.In(report));
        return report;
    }

    /// <summary>The JPEG with another size in its frame's header.</summary>
    private static byte[] Claiming(byte[] jpeg, ushort size)
    {
        var changed = jpeg.ToArray();
        var frame = changed.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(frame + 5), size);
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(frame + 7), size);
        return changed;
    }
}
