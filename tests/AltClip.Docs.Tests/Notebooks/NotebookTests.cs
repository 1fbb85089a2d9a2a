using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Scripting;
using Xunit;

namespace AltClip.Docs.Tests;

/// <summary>
/// The notebooks run, and what is saved in them is what a run gives. With the environment variable <c>ALTCLIP_SAVE_NOTEBOOKS</c> set, the
/// outputs are saved in place of being compared.
/// </summary>
public sealed partial class NotebookTests
{
    public static TheoryData<string> Notebooks => [.. Repository.Files(".ipynb")];

    [Theory]
    [MemberData(nameof(Notebooks))]
    public async Task RunsAndGivesWhatIsSaved(string name)
    {
        var notebook = new Notebook(name);
        var session = new NotebookSession();
        var folder = Environment.CurrentDirectory;
        Environment.CurrentDirectory = Path.GetDirectoryName(Repository.Path(name))!;
        try
        {
            var number = 0;
            foreach (var cell in notebook.CodeCells)
            {
                var outputs = await session.RunAsync(Notebook.Source(cell));
                if (Saves)
                {
                    (cell["outputs"], cell["execution_count"]) = (outputs, ++number);
                    continue;
                }
                Assert.Equal(Shown(cell["outputs"]!.AsArray()), Shown(outputs));
            }
            if (Saves) notebook.Save();
        }
        finally
        {
            Environment.CurrentDirectory = folder;
        }
    }

    [Fact]
    public void ThereAreThree() => Assert.Equal(3, Notebooks.Count);

    [Theory]
    [MemberData(nameof(Notebooks))]
    public void IsANotebookOfTheCSharpKernel(string name)
    {
        var json = new Notebook(name).Json;
        Assert.Equal((4, 5), ((int)json["nbformat"]!, (int)json["nbformat_minor"]!));
        Assert.Equal((".net-csharp", "C#"), ((string?)json["metadata"]!["kernelspec"]!["name"], (string?)json["metadata"]!["kernelspec"]!["language"]));
        var ids = json["cells"]!.AsArray().Select(cell => (string)cell!["id"]!).ToList();
        Assert.Equal(ids.Distinct(), ids);
    }

    [Fact]
    public async Task ACellThatIsWrongIsNoticed()
    {
        var session = new NotebookSession();
        await Assert.ThrowsAsync<CompilationErrorException>(() => session.RunAsync("AltClip.NoSuchType x;"));
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => session.RunAsync("#r \"nuget: AltClip, 99.0.0\""));
        Assert.Equal("3\n", Notebook.Joined((await session.RunAsync("var x = 1; Console.WriteLine(x + 2);"))[0]!["text"]!));
    }

    private static bool Saves => Environment.GetEnvironmentVariable("ALTCLIP_SAVE_NOTEBOOKS") is { Length: > 0 };

    /// <summary>What is shown, numbers and pictures apart, which differ a little from machine to machine.</summary>
    private static string Shown(JsonArray outputs) => Number().Replace(string.Join("\n", outputs.Select(output => output!["text"] is { } text
        ? Notebook.Joined(text)
        : string.Concat(output["data"]!.AsObject().Select(data => $"{data.Key}: {Notebook.Joined(data.Value!)}")))), "#");

    [GeneratedRegex(@"base64,[^""]+|-?\d+(?:[.,:]\d+)*(?:E-?\d+)?")]
    private static partial Regex Number();
}
