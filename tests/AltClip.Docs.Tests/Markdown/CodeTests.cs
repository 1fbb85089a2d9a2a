using Xunit;

namespace AltClip.Docs.Tests;

/// <summary>The C# of every page and of the API's own documentation.</summary>
public sealed class CodeTests
{
    public static TheoryData<string> Pages => [.. Repository.Files(".md").Where(name => MarkdownPage.Read(name).Text.Contains("```csharp"))];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task CodeOfAPageDoesWhatThePageSays(string name)
    {
        using var desk = new Desk();
        var wrong = await BlockCheck.RunAsync(MarkdownPage.Read(name));
        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));
    }

    [Fact]
    public void ExamplesOfTheApiCompile()
    {
        var examples = ApiExamples.Read();
        Assert.Contains("T:AltClip.Training.Trainer", examples.Select(example => example.Member));
        Assert.Superset(ApiExamples.WithGiven.ToHashSet(), examples.Select(example => example.Member).ToHashSet());
        Assert.All(examples, example =>
        {
            var (assembly, errors) = BlockProgram.Compile(ApiExamples.Given + example.Code, ApiExamples.Usings);
            Assert.True(assembly is not null, $"{example.Member}: {string.Join('\n', errors)}");
        });
    }

    [Theory]
    [InlineData("Console.WriteLine(new AltClip.NoSuchType());", "NoSuchType")]
    [InlineData("string never = null;\nConsole.WriteLine(never.Length);", "CS8600")]
    [InlineData("throw new InvalidOperationException(\"too bad\");", "too bad")]
    [InlineData("Console.WriteLine(1);\n```\n\n```text\n2", "expected")]
    [InlineData("Console.WriteLine(1);\n```\n<!-- continues -->\n```csharp\nConsole.WriteLine(x);", "page.md:5")]
    public async Task WrongCodeIsNoticed(string code, string message)
    {
        var wrong = Assert.Single(await BlockCheck.RunAsync(MarkdownPage.Parse("page.md", $"```csharp\n{code}\n```\n")));
        Assert.Contains(message, wrong);
    }

    [Fact]
    public async Task CommentsSayWhatABlockNeeds()
    {
        var page = MarkdownPage.Parse("page.md", """
            <!-- given: using System.Text;
            var a = 1; -->
            ```csharp
            Console.WriteLine(a);
            ```

            ```text
            1
            ```

            <!-- continues -->
            <!-- given: var b = 2; -->
            ```csharp
            Console.WriteLine(new StringBuilder().Append(a + b));
            ```
            ```text
            3
            ```
            <!-- compile only: there is no such file -->
            ```csharp
            File.ReadAllText("no such file");
            ```

            """);
        Assert.Empty(await BlockCheck.RunAsync(page));
        Assert.Equal([3, 13, 20], page.Blocks.Where(block => block.Language == "csharp").Select(block => block.Line));
        Assert.Throws<FormatException>(() => MarkdownPage.Parse("page.md", "<!-- skip -->\n```csharp\nx\n```\n"));
    }
}
