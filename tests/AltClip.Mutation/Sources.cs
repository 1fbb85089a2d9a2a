using System.Diagnostics;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AltClip.Mutation;

/// <summary>A project as the SDK has it compiled, of which one source at a time is another.</summary>
internal sealed class Sources
{
    private readonly CSharpCompilation _compilation;
    private readonly CSharpCommandLineArguments _arguments;
    private byte[]? _unchanged;

    private Sources(CSharpCompilation compilation, CSharpCommandLineArguments arguments) => (_compilation, _arguments) = (compilation, arguments);

    /// <summary>The file that it is compiled to.</summary>
    public string AssemblyName => _arguments.OutputFileName!;

    /// <summary>Asks the SDK how a project is compiled. It must have been built.</summary>
    public static Sources Of(string project)
    {
        var arguments = CSharpCommandLineParser.Default.Parse(CommandLine(project), Path.GetDirectoryName(project), sdkDirectory: null);
        var options = arguments.ParseOptions;
        var trees = arguments.SourceFiles.Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file.Path), options, file.Path));
        // What stops a build for its style stops no test.
        var compilation = CSharpCompilation.Create(
            arguments.CompilationName, trees, arguments.MetadataReferences.Select(reference => MetadataReference.CreateFromFile(reference.Reference)),
            arguments.CompilationOptions.WithGeneralDiagnosticOption(ReportDiagnostic.Suppress));
        var loader = new GeneratorLoader();
        var generators = arguments.AnalyzerReferences.SelectMany(reference => new Microsoft.CodeAnalysis.Diagnostics.AnalyzerFileReference(reference.FilePath, loader).GetGenerators(LanguageNames.CSharp));
        CSharpGeneratorDriver.Create(generators, parseOptions: options).RunGeneratorsAndUpdateCompilation(compilation, out var whole, out _);
        return new((CSharpCompilation)whole, arguments);
    }

    public SyntaxTree Tree(string path) => _compilation.SyntaxTrees.Single(tree => tree.FilePath == path);

    /// <summary>Compiles a mutant; null where it is no C#.</summary>
    public byte[]? Compile(Mutant mutant)
    {
        var tree = mutant.Node.SyntaxTree;
        var root = tree.GetRoot().ReplaceNode(mutant.Node, mutant.Changed.WithTriviaFrom(mutant.Node));
        return Compile(_compilation.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(root, tree.Options)));
    }

    /// <summary>What is there, compiled.</summary>
    public byte[] Unchanged => _unchanged ??= Compile(_compilation) ?? throw new InvalidOperationException($"{AssemblyName} can't be compiled: {string.Join('\n', _compilation.GetDiagnostics().Where(found => found.Severity == DiagnosticSeverity.Error).Take(5))}");

    private byte[]? Compile(CSharpCompilation compilation)
    {
        using var assembly = new MemoryStream();
        return compilation.Emit(assembly, manifestResources: _arguments.ManifestResources).Success ? assembly.ToArray() : null;
    }

    private static IEnumerable<string> CommandLine(string project)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "msbuild", project, "-t:ResolveReferences;PrepareResources;Compile", "-getItem:CscCommandLineArgs", "-p:Configuration=Release", "-p:ProvideCommandLineArgs=true", "-p:SkipCompilerExecution=true",
                "-p:BuildProjectReferences=false", "-p:NonExistentFile=none/none", "-nologo",
            },
        };
        using var build = Process.Start(start)!;
        var output = build.StandardOutput.ReadToEnd();
        build.WaitForExit();
        if (build.ExitCode != 0) throw new InvalidOperationException($"dotnet msbuild {project}: {output}");
        using var items = JsonDocument.Parse(output);
        return [.. items.RootElement.GetProperty("Items").GetProperty("CscCommandLineArgs").EnumerateArray().Select(item => item.GetProperty("Identity").GetString()!)];
    }
}
