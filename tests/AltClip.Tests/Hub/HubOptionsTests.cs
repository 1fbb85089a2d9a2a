using AltClip.Hub;
using Xunit;

namespace AltClip.Tests.Hub;

public sealed class HubOptionsTests : IDisposable
{
    private readonly TemporaryFolder _home = new();
    private readonly Dictionary<string, string> _variables;

    public HubOptionsTests() => _variables = new() { ["HOME"] = _home.Path };

    private HubOptions Options => new(new HubEnvironment(_variables.GetValueOrDefault));

    public void Dispose() => _home.Dispose();

    [Fact]
    public void WithoutVariablesPythonsDefaults()
    {
        Assert.Equal(_home.File(".cache/huggingface/hub"), Options.CacheFolder);
        Assert.Equal("https://huggingface.co", Options.Endpoint);
        Assert.Null(Options.Token);
        Assert.False(Options.Offline);
        Assert.Equal(TimeSpan.FromSeconds(10), Options.Timeout);
    }

    [Fact]
    public void TheMoreSpecificFolderWins()
    {
        _variables["XDG_CACHE_HOME"] = "/xdg";
        Assert.Equal("/xdg/huggingface/hub", Options.CacheFolder);
        _variables["HF_HOME"] = "~/hf";
        Assert.Equal(_home.File("hf/hub"), Options.CacheFolder);
        _variables["SCRATCH"] = "/scratch";
        _variables["HF_HOME"] = "${SCRATCH}/$SCRATCH-hf/$NONE";
        Assert.Equal("/scratch//scratch-hf/$NONE/hub", Options.CacheFolder);
        _variables["TRANSFORMERS_CACHE"] = "/transformers";
        Assert.Equal("/transformers", Options.CacheFolder);
        _variables["HUGGINGFACE_HUB_CACHE"] = "/legacy";
        Assert.Equal("/legacy", Options.CacheFolder);
        _variables["HF_HUB_CACHE"] = "/cache";
        Assert.Equal("/cache", Options.CacheFolder);
        _variables["HF_HUB_CACHE"] = "";
        Assert.Equal("/legacy", Options.CacheFolder);
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("true", true)]
    [InlineData("Yes", true)]
    [InlineData("ON", true)]
    [InlineData("0", false)]
    [InlineData("no", false)]
    [InlineData("", false)]
    public void OfflineIsSaidInSeveralWays(string value, bool expected)
    {
        _variables["HF_HUB_OFFLINE"] = value;
        Assert.Equal(expected, Options.Offline);
    }

    [Fact]
    public void TheTokenIsInAVariableOrAFile()
    {
        Directory.CreateDirectory(_home.File(".cache/huggingface"));
        File.WriteAllText(_home.File(".cache/huggingface/token"), "hf_file\n");
        Assert.Equal("hf_file", Options.Token);
        _variables["HF_TOKEN_PATH"] = _home.Write("elsewhere", "hf_elsewhere\r\n"u8.ToArray());
        Assert.Equal("hf_elsewhere", Options.Token);
        _variables["HF_TOKEN"] = " hf_variable ";
        Assert.Equal("hf_variable", Options.Token);
        _variables["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1";
        Assert.Null(Options.Token);
    }

    [Fact]
    public void EndpointAndTimeout()
    {
        _variables["HF_ENDPOINT"] = "http://mirror:8080/";
        _variables["HF_HUB_DOWNLOAD_TIMEOUT"] = "30";
        Assert.Equal(("http://mirror:8080", TimeSpan.FromSeconds(30)), (Options.Endpoint, Options.Timeout));
        _variables["HF_HUB_DOWNLOAD_TIMEOUT"] = "soon";
        Assert.Equal(TimeSpan.FromSeconds(10), Options.Timeout);
    }

    [Fact]
    public void BadOptionsAreRefusedByName()
    {
        Assert.Equal("Endpoint", Refused(Options with { Endpoint = "huggingface.co" }));
        Assert.Equal("Endpoint", Refused(Options with { Endpoint = "file:///models" }));
        Assert.Equal("CacheFolder", Refused(Options with { CacheFolder = " " }));
        Assert.Equal("Retries", Refused(Options with { Retries = -1 }));
        Assert.Equal("Timeout", Refused(Options with { Timeout = TimeSpan.Zero }));
        Assert.Equal("Timeout", Refused(Options with { Timeout = TimeSpan.MaxValue }));
        Assert.Equal("Token", Refused(Options with { Token = "" }));

        static string? Refused(HubOptions options) => Assert.ThrowsAny<ArgumentException>(() => new HubClient(options)).ParamName;
    }

    [Theory]
    [InlineData("BAAI/AltCLIP", null, "BAAI/AltCLIP", "main")]
    [InlineData("BAAI/AltCLIP-m9", "v1", "BAAI/AltCLIP-m9", "v1")]
    [InlineData("a/b.c_d@refs/pr/2", null, "a/b.c_d", "refs/pr/2")]
    [InlineData("a/b@v1", "v1", "a/b", "v1")]
    public void AnIdIsOwnerAndName(string text, string? revision, string name, string expected)
    {
        Assert.True(HubModelId.TryParse(text, revision, out var id));
        Assert.Equal(new HubModelId(name, expected), id);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("/a/b")]
    [InlineData("a/b/c")]
    [InlineData("../b")]
    [InlineData("./b")]
    [InlineData("a/..")]
    [InlineData("a//b")]
    [InlineData("a/b.git")]
    [InlineData("a--b/c")]
    [InlineData("a/b ")]
    [InlineData("a/b\n")]
    [InlineData("a\\b")]
    [InlineData("größe/b")]
    [InlineData("~/b")]
    [InlineData("C:/b")]
    public void OtherTextsAreNoIds(string text)
    {
        Assert.False(HubModelId.TryParse(text, null, out _));
        Assert.Equal("text", Assert.Throws<ArgumentException>(() => HubModelId.Parse(text, null)).ParamName);
    }

    [Theory]
    [InlineData("a/b@", null)]
    [InlineData("a/b@..", null)]
    [InlineData("a/b@x/../y", null)]
    [InlineData("a/b", "/main")]
    [InlineData("a/b", "a\\b")]
    [InlineData("a/b@v1", "v2")]
    public void ARevisionIsARefAndSaidOnce(string text, string? revision) =>
        Assert.Equal("revision", Assert.Throws<ArgumentException>(() => HubModelId.Parse(text, revision)).ParamName);
}
