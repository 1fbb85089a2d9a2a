using System.CommandLine;
using AltClip.Tests;
using Xunit;

namespace AltClip.Cli.Tests;

public sealed class DeviceOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EveryCommandThatComputesWithAModelHasIt()
    {
        var commands = All(CommandLine.Create(new CliConsole(TextWriter.Null, TextWriter.Null))).ToList();
        var computing = commands.Where(command => command.Options.OfType<ModelOption>().Any()).ToList();
        Assert.Contains(computing, command => command.Name == "train");
        Assert.All(computing, command => Assert.Single(command.Options.OfType<DeviceOption>()));
    }

    [Theory]
    [InlineData("classify PIZZA -l pizza")]
    [InlineData("index EMOJI --store OUT")]
    [InlineData("search pizza --store OUT")]
    [InlineData("explain PIZZA --text pizza --output OUT.png")]
    [InlineData("evaluate retrieval CAPTIONS")]
    [InlineData("train CAPTIONS -o OUT --batch-size 4")]
    [InlineData("embed EMOJI -o OUT")]
    public async Task OneThatIsNotThereIsRefusedBeforeAnythingIsWritten(string typed)
    {
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        string[] Words(string device) =>
        [
            .. typed.Split(' ').Select(word => word.Replace("PIZZA", TestData.Path("emoji", "pizza.png")).Replace("EMOJI", TestData.Path("emoji"))
                .Replace("CAPTIONS", captions).Replace("OUT", _folder.File("out"))),
            "--device", device,
        ];
        var absent = await Cli.RunAsync(Words("cuda:99"));
        Assert.Equal(ExitCode.Failed, absent.Code);
        Assert.Contains("There is no device cuda:99 here; there is cpu", absent.Errors);
        var unknown = await Cli.RunAsync(Words("tpu"));
        Assert.Equal(ExitCode.WrongUsage, unknown.Code);
        Assert.Contains("--device is 'tpu'; expected cpu, cuda, cuda:N or mps.", unknown.Errors);
        Assert.Equal([captions], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("cuda", 1, "cuda:1")]
    [InlineData("cuda", 5, "cuda:1")] // the second machine of a job counts on in some of them, and a job may see one GPU alone
    [InlineData("CUDA", 3, "cuda:3")]
    [InlineData("cuda:2", 1, "cuda:2")]
    [InlineData("cpu", 1, "cpu")]
    [InlineData("cuda", null, "cuda")]
    public void EachProcessOfAMachineHasAGpuOfItsOwn(string name, int? localRank, string expected)
    {
        Assert.Equal(expected, DeviceOption.OfProcess(name, localRank, ["cpu", "cuda:0", "cuda:1", "cuda:2", "cuda:3"]));
        Assert.Equal(name, DeviceOption.OfProcess(name, localRank, ["cpu"]));
    }

    [Theory]
    [InlineData("cuda", 3, "There are to be 3 processes, but there are 2 GPUs; expected no more processes than that, so that each has its own.")]
    [InlineData("cuda:1", 2, "--device is cuda:1, but there are to be 2 processes; expected cuda, by which each takes a GPU of its own.")]
    [InlineData("cuda", 2, null)]
    [InlineData("cpu", 16, null)]
    public void ProcessesThatWouldShareAGpuAreRefusedBeforeTheyStart(string name, int processes, string? message)
    {
        string[] available = ["cpu", "cuda:0", "cuda:1"];
        if (message is null) DeviceOption.CheckFor(name, processes, available);
        else Assert.Equal(message, Assert.Throws<UsageException>(() => DeviceOption.CheckFor(name, processes, available)).Message);
    }

    [Fact]
    public async Task ADeviceThatIsNotThereIsNamedOnceForAllProcesses()
    {
        var result = await Cli.RunAsync(
            "train", TrainCommandTests.WriteCaptions(_folder.File("captions.tsv")), "-o", _folder.File("out"), "--processes", "2", "--device", "cuda:99", "--batch-size", "2");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Equal(1, result.Errors.Split("There is no device").Length - 1);
        Assert.DoesNotContain("Process 0", result.Errors);
    }

    [Fact]
    public async Task CommandsComputeOnTheOneThatIsAskedFor()
    {
        var captions = TrainCommandTests.WriteCaptions(_folder.File("captions.tsv"));
        var (pizza, device) = (TestData.Path("emoji", "pizza.png"), TestDevice.Current.ToString());
        foreach (var words in new string[][]
        {
            ["classify", pizza, "-l", "pizza", "rocket", "--json"],
            ["explain", pizza, "--text", "pizza", "--output", _folder.File("heat.png"), "--json"],
            ["evaluate", "retrieval", captions, "--json"],
            ["train", captions, "-o", _folder.File("model"), "--steps", "1", "-b", "4", "--json"],
            ["embed", TestData.Path("emoji"), "-o", _folder.File("vectors"), "--json", "--accept-failures"],
        })
        {
            (await Cli.RunAsync([.. words, "--device", device])).Done();
        }
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);
}
