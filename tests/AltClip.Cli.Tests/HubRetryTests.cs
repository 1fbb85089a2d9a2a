using AltClip.Modeling.Adapters;
using AltClip.Tests;
using AltClip.Tests.Hub;
using Xunit;

namespace AltClip.Cli.Tests;

/// <summary>Whatever a command fetches from the Hub, it says so while it asks again.</summary>
[Collection(nameof(ProcessWide))]
public sealed class HubRetryTests : IDisposable
{
    private static readonly string Model = TestData.Path("e2e");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeHub _hub = new();
    private readonly HubVariables _environment;

    public HubRetryTests()
    {
        _environment = new HubVariables(_hub.Address, _folder.Path);
        var isFirst = true;
        _hub.Answer = _ => Interlocked.Exchange(ref isFirst, false) ? new FakeReply(503) : null;
    }

    public void Dispose()
    {
        _environment.Dispose();
        _hub.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("info", FakeHub.Model)]
    [InlineData("info", FakeHub.Model, "--kernels")]
    [InlineData("convert", FakeHub.Model, "OUTPUT")]
    [InlineData("classify", "PICTURE", "--labels", "cat", "dog", "--model", FakeHub.Model)]
    public Task OfAModel(params string[] arguments)
    {
        _hub.Add(Model);
        return AssertSaidAsync(arguments);
    }

    [Theory]
    [InlineData("info", "MODEL", "--adapter", FakeHub.Model)]
    [InlineData("convert", "MODEL", "OUTPUT", "--adapter", FakeHub.Model)]
    [InlineData("classify", "PICTURE", "--labels", "cat", "dog", "--model", "MODEL", "--adapter", FakeHub.Model)]
    public async Task OfAnAdapter(params string[] arguments)
    {
        using (var model = AltCLIPModel.FromPretrained(Model))
        using (var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 2 })) adapter.SavePretrained(_folder.File("adapter"));
        _hub.Add(_folder.File("adapter"));
        await AssertSaidAsync(arguments);
    }

    [Fact]
    public async Task OfATeacher()
    {
        TrainTeacherTests.WriteTeacher(_folder.File("teacher"), width: 192);
        _hub.Add(_folder.File("teacher"));
        await File.WriteAllLinesAsync(_folder.File("texts.tsv"), ["en\tde", "a penguin\tein Pinguin"], TestContext.Current.CancellationToken);
        await AssertSaidAsync(["train", _folder.File("texts.tsv"), "-o", "OUTPUT", "--teacher", FakeHub.Model, "--target-column", "de", "--steps", "1", "-b", "1"]);
    }

    private async Task AssertSaidAsync(string[] arguments)
    {
        var result = await Cli.RunAsync([.. arguments.Select(argument => argument switch
        {
            "MODEL" => Model,
            "OUTPUT" => _folder.File("output"),
            "PICTURE" => TestData.Path("images", "real", "x_cat.jpg"),
            _ => argument,
        })]);
        Assert.True(result.Code == ExitCode.Done, result.Errors);
        Assert.Contains("Trying again in 1 s (1 of 5)", result.Errors);
    }
}
