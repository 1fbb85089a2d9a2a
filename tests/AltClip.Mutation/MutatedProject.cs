using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace AltClip.Mutation;

/// <summary>A project as the compiler sees it, with what source generators add, to be compiled again and again with one file changed.</summary>
internal sealed class MutatedProject
{
    private readonly CSharpCompilation _compilation;
    private readonly ResourceDescription[] _resources;

    /// <param name="folder">The project's folder; it was built in Release.</param>
    /// <param name="file">The file that is changed.</param>
    public MutatedProject(string folder, string file)
    {
        var name = Path.GetFileName(folder);
        var items = JsonNode.Parse(Output("dotnet", "msbuild", folder, "-p:Configuration=Release", "-t:ResolveReferences", "-getItem:ReferencePathWithRefAssemblies", "-getItem:Analyzer", "-getItem:Compile"))!["Items"]!;
        string[] Paths(string kind) => [.. items[kind]!.AsArray().Select(item => (string)item!["FullPath"]!)];

        var parse = new CSharpParseOptions(LanguageVersion.Preview, preprocessorSymbols: ["NET", "NET10_0", "NET10_0_OR_GREATER", "RELEASE"]);
        var generated = Directory.GetFiles(Path.Combine(folder, "obj", "Release", "net10.0"), "*.cs").Where(path => path.EndsWith("AssemblyInfo.cs", StringComparison.Ordinal) || path.EndsWith(".g.cs", StringComparison.Ordinal));
        var trees = Paths("Compile").Concat(generated).Distinct().Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), parse, path, System.Text.Encoding.UTF8)).ToList();
        Tree = trees.Single(tree => tree.FilePath.EndsWith(file, StringComparison.Ordinal));
        var compilation = CSharpCompilation.Create(
            name, trees, Paths("ReferencePathWithRefAssemblies").Select(path => MetadataReference.CreateFromFile(path)),
            new(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable, deterministic: true));
        var generators = Paths("Analyzer").Select(path => new AnalyzerFileReference(path, new Loader())).SelectMany(reference => reference.GetGenerators(LanguageNames.CSharp));
        CSharpGeneratorDriver.Create(generators, parseOptions: parse).RunGeneratorsAndUpdateCompilation(compilation, out var complete, out _);
        _compilation = (CSharpCompilation)complete;

        var built = Assembly.LoadFrom(Path.Combine(folder, "bin", "Release", "net10.0", $"{name}.dll"));
        _resources = [.. built.GetManifestResourceNames().Select(resource => new ResourceDescription(resource, () => built.GetManifestResourceStream(resource)!, isPublic: true))];
    }

    /// <summary>The file.</summary>
    public SyntaxTree Tree { get; }

    /// <summary>Compiles the project with a mutant.</summary>
    /// <returns>Whether it compiles.</returns>
    public bool Write(Mutant? mutant, string path)
    {
        var compilation = mutant is null ? _compilation
            : _compilation.ReplaceSyntaxTree(Tree, Tree.WithRootAndOptions(Tree.GetRoot().ReplaceNode(mutant.Old, mutant.New), Tree.Options));
        using var result = new MemoryStream();
        var emitted = compilation.Emit(result, manifestResources: _resources);
        if (!emitted.Success)
        {
            if (mutant is null) throw new InvalidOperationException(string.Join("\n", emitted.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).Take(5)));
            return false;
        }
        File.Delete(path);
        File.WriteAllBytes(path, result.ToArray());
        return true;
    }

    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException(output);
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
    }
}
