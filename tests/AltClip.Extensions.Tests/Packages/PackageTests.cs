using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using AltClip.Tests;
using Xunit;

namespace AltClip.Extensions.Tests;

/// <summary>The packages as their users get them.</summary>
public sealed partial class PackageTests(Packed packed) : IClassFixture<Packed>
{
    [Fact]
    public void PackagesAreComplete() => Assert.All(Packed.Names, name =>
    {
        var files = packed.Read(name, "nupkg");
        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        Assert.Contains("THIRD-PARTY-NOTICES.txt", files);
        Assert.Contains($"lib/net10.0/{name}.dll", files);
        Assert.Contains("<summary>", files[$"lib/net10.0/{name}.xml"]);
        Assert.Contains($"lib/net10.0/{name}.pdb", packed.Read(name, "snupkg"));
        var about = XDocument.Parse(files[$"{name}.nuspec"]).Root!.Elements().Single();
        string Value(string element) => about.Elements().Single(e => e.Name.LocalName == element).Value;
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Equal("icon.png", Value("icon"));
        Assert.Contains($"## {packed.Version.Split('-')[0]}", Value("releaseNotes"));
        Assert.StartsWith("https://", Value("projectUrl"));
        Assert.Contains($"({Value("projectUrl")}/blob/main/docs/", files["README.md"]);
        Assert.Equal(Value("projectUrl"), (string?)about.Elements().Single(e => e.Name.LocalName == "repository").Attribute("url"));
        // What a package brings along is named, with its licence, in the notices that it carries.
        Assert.All(
            about.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => (string)e.Attribute("id")!)
                .Where(id => !Packed.Names.Contains(id)),
            id => Assert.Matches($@"(?m)^{Regex.Escape(id)} ", files["THIRD-PARTY-NOTICES.txt"]));
        Assert.DoesNotContain("libtorch", files[$"{name}.nuspec"]);
    });

    /// <summary>Who wants one database, or brings another, is not made to take the drivers of all.</summary>
    [Theory]
    [InlineData("AltClip.Search")]
    [InlineData("AltClip.Search.DuckDB", "AltClip.Search", "DuckDB.NET.Data.Full")]
    [InlineData("AltClip.Search.Postgres", "AltClip.Search", "Npgsql", "Pgvector")]
    public void AStoreBringsItsOwnDriverOnly(string name, params string[] expected)
    {
        string[] stores = ["AltClip.Search", "DuckDB", "Npgsql", "Pgvector"];
        var dependencies = XDocument.Parse(packed.Read(name, "nupkg")[$"{name}.nuspec"]).Descendants()
            .Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value);
        Assert.Equal(expected, dependencies.Where(id => stores.Any(id.StartsWith)).Order());
    }

    [Fact]
    public void TheReadmesAppRuns()
    {
        var section = InAnApp().Match(File.ReadAllText(Path.Combine(Packed.Repository, "README.md")));
        var app = App("app", "AltClip.Extensions", "Microsoft.Extensions.Hosting", "TorchSharp-cpu");
        Write("Program.cs", section.Groups["program"].Value + """
            Console.WriteLine($"{query.Length} {found.Count} {found[1].Dimensions} {found[0].ModelId} {pipeline.Model.Precision}");
            await host.StopAsync();
            """);
        Write("appsettings.json", section.Groups["settings"].Value.Replace("path/to/AltCLIP", EmojiModel.Folder.Replace('\\', '/')));
        foreach (var (name, source) in new[] { ("a.jpg", "x_cat.jpg"), ("b.jpg", "x_dog.jpg") })
            File.Copy(TestData.Path("images", "real", source), Path.Combine(app, name));
        Assert.Contains("192 2 192 altclip-emoji BFloat16", Dotnet.Run(app, "run"));
        // Nothing of other systems, though the app names none.
        Assert.Equal(
            RuntimeInformation.RuntimeIdentifier,
            Assert.Single(Directory.GetFiles(app, "*torch_cpu.*", SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(file))))));
        void Write(string name, string text) => File.WriteAllText(Path.Combine(app, name), text);
    }

    [Fact]
    public void AnAppWithoutLibtorchIsToldInOneSentence()
    {
        var app = App("without", "AltClip");
        string[] calls =
        [
            "TorchRuntime.EnsureLoaded()",
            $"AltCLIPPipeline.FromPretrained({Model})",
            $"AltCLIPPipeline.FromPretrainedAsync({Model}).GetAwaiter().GetResult()",
            $"AltCLIPInference.FromPretrained({Model})",
            $"AltCLIPModel.FromPretrained({Model})",
            $"new AltCLIPModel(AltCLIPConfig.FromPretrained({Model}))",
            $"AltCLIPProcessor.FromPretrained({Model}).Process(text: [\"x\"])",
            $"XLMRobertaTokenizer.FromPretrained({Model}).Encode([\"x\"]).ToTensors()",
            $"CLIPImageProcessor.FromPretrained({Model}).Process(ImageSource.FromFile({Literal(TestData.Path("emoji", "penguin.png"))}))",
            "_ = TorchDevices.Available",
        ];
        File.WriteAllText(Path.Combine(app, "Program.cs"), $$"""
            using AltClip;
            using AltClip.Native;
            {{string.Concat(calls.Select(call => $"Try({Literal(call)}, () => {{ {call}; }});\n"))}}
            static void Try(string call, Action action)
            {
                try { action(); Console.WriteLine($"{call} ran"); }
                catch (Exception e) { Console.WriteLine($"{e.GetType().Name}: {e.Message}"); }
            }
            """);
        var output = Dotnet.Run(app, "run").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains(output, line => line.Contains("warning ALTCLIP001: The app has no libtorch", StringComparison.Ordinal));
        var answers = output.Where(line => !line.Contains("warning", StringComparison.Ordinal)).ToArray();
        Assert.Equal(calls.Length, answers.Length);
        Assert.All(answers, answer => Assert.Matches(
            @"^DllNotFoundException: TorchSharp \S+ needs libtorch, and the app has no '.*torch_cpu.*'\. Add the package TorchSharp-cpu .* dotnet add package TorchSharp-cpu --version \S+$",
            answer.TrimEnd()));
        Assert.Empty(Directory.GetFiles(app, "*torch_cpu.*", SearchOption.AllDirectories));
    }

    /// <summary>The model comes along, in the build's folder and where the app is published to.</summary>
    [Fact]
    public void AnAppHasItsFirstAnswerOffline()
    {
        var app = App("offline", "AltClip.Models.Emoji", "TorchSharp-cpu");
        File.WriteAllText(Path.Combine(app, "Program.cs"), $$"""
            using AltClip;
            using AltClip.Models;
            using var pipeline = AltCLIPPipeline.FromPretrained(EmojiModel.Folder);
            Console.WriteLine(pipeline.Classify(ImageSource.FromFile({{Literal(TestData.Path("emoji", "penguin.png"))}}), ["pizza", "penguin"])[0].Label);
            """);
        Assert.Equal("penguin", Dotnet.Run(app, "run").Trim());
        Dotnet.Run(app, "publish", "-o", "published");
        Assert.Contains("model.safetensors", Directory.GetFiles(Path.Combine(app, "published", "altclip-emoji")).Select(Path.GetFileName));
    }

    /// <summary>The programs of samples/file-based print what their page says.</summary>
    [Theory]
    [InlineData("first-steps")]
    [InlineData("five-languages")]
    [InlineData("fine-tuning")]
    public void AFileIsAProgram(string name)
    {
        var samples = Path.Combine(Packed.Repository, "samples");
        var said = Printed(name).Match(File.ReadAllText(Path.Combine(samples, "file-based", "README.md")));
        Assert.True(said.Success, $"README.md doesn't say what {name}.cs prints.");
        // As in a clone, with these packages for those that .ci/pack makes.
        var root = packed.Folder($"file-{name}");
        var folder = Directory.CreateDirectory(Path.Combine(root, "samples", "file-based")).FullName;
        Directory.CreateSymbolicLink(Path.Combine(root, "tests"), Path.Combine(Packed.Repository, "tests"));
        Directory.CreateSymbolicLink(Path.Combine(root, "samples", "LoraFineTuning"), Path.Combine(samples, "LoraFineTuning"));
        foreach (var file in Directory.GetFiles(Path.Combine(samples, "file-based"))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        WriteFeed(folder);
        var output = Dotnet.Run(folder, "run", $"{name}.cs");
        Assert.True(Outputs.AreAlike(said.Groups["output"].Value, output), output);
    }

    private static Regex Printed(string name) => new($@"{name}\.cs\n```\n\n```text\n(?<output>.*?)```", RegexOptions.Singleline);

    private static string Model => Literal(EmojiModel.Folder);

    private static string Literal(string text) => $"@\"{text.Replace("\"", "\"\"")}\"";

    /// <summary>A new app of packages, those of this repository as they were packed.</summary>
    private string App(string name, params string[] packages)
    {
        var folder = packed.Folder(name);
        File.WriteAllText(Path.Combine(folder, "App.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
              </PropertyGroup>
              <ItemGroup>
            {string.Concat(packages.Select(package => $"    <PackageReference Include=\"{package}\" Version=\"{(Packed.Names.Contains(package) ? packed.Version : Central(package))}\" />\n"))}
              </ItemGroup>
            </Project>
            """);
        WriteFeed(folder);
        return folder;
    }

    // What the packages depend on is on this machine since the repository was built; nothing is asked of the network.
    private void WriteFeed(string folder) => File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
        <configuration>
          <config><add key="globalPackagesFolder" value="{packed.Folder("packages")}" /></config>
          <packageSources><clear /><add key="feed" value="{packed.Feed}" /></packageSources>
          <fallbackPackageFolders><clear /><add key="restored" value="{RestoredPackages}" /></fallbackPackageFolders>
        </configuration>
        """);

    private static string RestoredPackages => typeof(PackageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(data => data.Key == "NuGetPackageRoot").Value!;

    private static string Central(string package) => XDocument.Load(Path.Combine(Packed.Repository, "Directory.Packages.props"))
        .Descendants("PackageVersion").Single(version => (string?)version.Attribute("Include") == package).Attribute("Version")!.Value;

    [GeneratedRegex(@"### In an app\n.*?```csharp\n(?<program>.*?)```.*?```json\n(?<settings>.*?)```", RegexOptions.Singleline)]
    private static partial Regex InAnApp();
}
