using System.Text.RegularExpressions;
using Xunit;

namespace AltClip.Docs.Tests;

/// <summary>What pages point to is there.</summary>
public sealed partial class PageTests
{
    private const string OnGitHub = "https://github.com/altclip/altclip/blob/main/";

    public static TheoryData<string> Pages => [.. Repository.Files(".md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void LinksLeadSomewhere(string name)
    {
        var page = MarkdownPage.Read(name);
        var folder = Path.GetDirectoryName(name)!;
        Assert.All(Link().Matches(page.Prose).Select(match => match.Groups["target"].Value), target =>
        {
            // Packages' pages are read on nuget.org, and so name the repository.
            if (target.StartsWith(OnGitHub, StringComparison.Ordinal)) target = Path.GetRelativePath(Repository.Path(folder), Repository.Path(target[OnGitHub.Length..]));
            if (target.Contains("://") || target.StartsWith("mailto:", StringComparison.Ordinal)) return;
            var (path, heading) = target.Split('#') is [var before, var after] ? (before, after) : (target, null);
            var linked = path.Length == 0 ? name : Path.Combine(folder, path);
            Assert.True(Path.Exists(Repository.Path(linked)), $"{name} links to '{target}', which is not there.");
            if (heading is not null) Assert.Contains(heading, Headings(MarkdownPage.Read(linked)));
        });
    }

    /// <summary>Commands for a shell name projects, files and packages that exist.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void CommandsNameWhatIsThere(string name)
    {
        foreach (var block in MarkdownPage.Read(name).Blocks.Where(block => block.Language is "sh" or "bash"))
        {
            var commands = block.Text.Replace("\\\n", " ");
            Assert.All(RepositoryPath().Matches(commands).Select(match => match.Value.TrimEnd('/')), path => Assert.True(
                Path.Exists(Repository.Path(path)), $"{name}:{block.Line}: '{path}' is not there."));
            Assert.All(AddPackage().Matches(commands).Select(match => match.Groups["package"].Value), package => Assert.True(
                Repository.VersionOf(package) is not null || package.StartsWith("TorchSharp-cuda-", StringComparison.Ordinal),
                $"{name}:{block.Line}: nothing here references '{package}'."));
        }
    }

    /// <summary>What the prose calls AltClip.… is a package, a namespace or a type.</summary>
    [Theory]
    [MemberData(nameof(Pages))]
    public void NamesOfTheLibrariesAreThere(string name)
    {
        var known = Repository.PublicTypes.SelectMany(type => new[] { type.Namespace, type.FullName }).ToHashSet();
        Assert.All(LibraryName().Matches(MarkdownPage.Read(name).Prose).Select(match => match.Groups["name"].Value), written => Assert.True(
            known.Contains(written) || Repository.VersionOf(written) is not null, $"{name} names '{written}', which is not there."));
    }

    [Fact]
    public void PackagesLeadToTheDocumentation() => Assert.All(
        Repository.Files("README.md").Where(name => name.StartsWith("src/", StringComparison.Ordinal)),
        name => Assert.Contains($"({OnGitHub}docs/", MarkdownPage.Read(name).Prose));

    [Fact]
    public void GettingStartedHasEveryPackage()
    {
        var page = File.ReadAllText(Repository.Path("docs", "getting-started.md"));
        Assert.All(Repository.Libraries, library => Assert.Contains($"`{library}`", page));
        Assert.All(Repository.Libraries, library => Assert.Contains($"dotnet pack -c Release src/{library} ", page));
    }

    [Fact]
    public void BlocksNameTheirLanguage() => Assert.All(Repository.Files(".md").Select(MarkdownPage.Read), page => Assert.All(
        page.Blocks, block => Assert.True(block.Language.Length > 0, $"{page.Name}:{block.Line}")));

    [Fact]
    public void TheIndexHasEveryPage()
    {
        var index = MarkdownPage.Read("docs/README.md").Prose;
        Assert.All(
            Repository.Files(".md").Where(name => name.StartsWith("docs/", StringComparison.Ordinal) && name != "docs/README.md"),
            name => Assert.Contains($"({name["docs/".Length..]})", index));
        Assert.Contains("(docs/README.md)", MarkdownPage.Read("README.md").Prose);
    }

    /// <summary>The anchors that GitHub gives a page's headings.</summary>
    private static IEnumerable<string> Headings(MarkdownPage page) => Heading().Matches(page.Prose).Select(match =>
        NoAnchor().Replace(match.Groups["text"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"(?<![\w./-])(?:benchmarks|deploy|docs|models|samples|src|tests)/[\w./-]*\w")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"\[(?:[^\[\]]|\[[^\]]*\]|!\[[^\]]*\]\([^)]*\))*\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<name>AltClip(?:\.\w+)+)`")]
    private static partial Regex LibraryName();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NoAnchor();

    [GeneratedRegex(@"dotnet (?:add package|package add|tool install(?: --global)?) (?<package>[\w.-]+)")]
    private static partial Regex AddPackage();
}
