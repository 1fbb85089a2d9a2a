using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace AltClip.Architecture;

/// <summary>
/// The C# files of <c>src</c>, understood by the compiler: which folder uses types of which. By folders and not by namespaces, since the
/// everyday types of several folders share the namespace <c>AltClip</c>.
/// </summary>
internal sealed class Sources
{
    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Latest);

    private readonly string _root;
    private readonly CSharpCompilation _compilation;

    private Sources(string root, IEnumerable<SyntaxTree> trees)
    {
        _root = root;
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("AltClip", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        _compilation = CSharpCompilation.Create("Sources", trees, platform, new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
    }

    /// <summary>Reads all files below a folder that holds one folder a project, as <c>src</c> does.</summary>
    public static Sources Read(string root) =>
        new(root, Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(path => !IsBuilt(Path.GetRelativePath(root, path)))
            .Order(StringComparer.Ordinal)
            .Select(path => Parse(path, File.ReadAllText(path)))
            .Append(Parse("", "global using System; global using System.IO; global using System.Linq; global using System.Net.Http;"
                + "global using System.Threading; global using System.Threading.Tasks; global using System.Collections.Generic;")));

    /// <summary>The same sources and one file more, as if it stood in the tree.</summary>
    public Sources With(string path, string text) => new(_root, _compilation.SyntaxTrees.Append(Parse(Path.Combine(_root, path), text)));

    /// <summary>The folders that hold files, a project's subfolder at the second level each.</summary>
    public IReadOnlySet<string> Folders => _compilation.SyntaxTrees.Where(tree => tree.FilePath != "").Select(FolderOf).ToHashSet();

    /// <summary>Each use of a type that another folder declares, in the order of the files.</summary>
    public IEnumerable<Arrow> Arrows()
    {
        foreach (var tree in _compilation.SyntaxTrees.Where(tree => tree.FilePath != ""))
        {
            var model = _compilation.GetSemanticModel(tree);
            foreach (var name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
                foreach (var (type, folder) in Declared(model, name))
                    if (folder != FolderOf(tree))
                        yield return new(FolderOf(tree), folder, Place(tree, name), type.Name);
        }
    }

    /// <summary>
    /// Each call of TorchSharp that makes a tensor or a layer and leaves the type of its numbers to torch's default, which any program may set. What is
    /// made of numbers or of a tensor has their type.
    /// </summary>
    /// <param name="below">How the paths of the files start.</param>
    public IEnumerable<string> CallsOfDefaultType(string below = "") =>
        from tree in _compilation.SyntaxTrees
        where tree.FilePath != "" && Relative(tree).StartsWith(below, StringComparison.Ordinal)
        let model = _compilation.GetSemanticModel(tree)
        from call in tree.GetRoot().DescendantNodes().OfType<InvocationExpressionSyntax>()
        where model.GetOperation(call) is IInvocationOperation made && IsOfDefaultType(made)
        select $"{Place(tree, call)}: {call}";

    private static bool IsOfDefaultType(IInvocationOperation call) =>
        call.TargetMethod is { IsStatic: true, ContainingAssembly.Name: "TorchSharp", Name: not "tensor" }
        && call.TargetMethod.Parameters.All(parameter => parameter.Type.Name != "Tensor")
        && call.Arguments.Any(argument => argument is { Parameter.Name: "dtype", ArgumentKind: ArgumentKind.DefaultValue });

    // A member's use is a use of the type that declares it: extension methods and results whose type isn't written count too.
    private IEnumerable<(INamedTypeSymbol Type, string Folder)> Declared(SemanticModel model, SimpleNameSyntax name)
    {
        var info = model.GetSymbolInfo(name);
        var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        var type = symbol as INamedTypeSymbol ?? symbol?.ContainingType;
        if (type is null || symbol is INamespaceSymbol)
            yield break;
        foreach (var declaration in type.OriginalDefinition.DeclaringSyntaxReferences.Take(1))
            yield return (type, FolderOf(declaration.SyntaxTree));
    }

    private static SyntaxTree Parse(string path, string text) => CSharpSyntaxTree.ParseText(text, Parsing, path);

    private static bool IsBuilt(string path) => path.Split(Path.DirectorySeparatorChar) is var parts && (parts.Contains("obj") || parts.Contains("bin"));

    private string FolderOf(SyntaxTree tree) => string.Join('/', Relative(tree).Split('/')[..^1].Take(2));

    private string Relative(SyntaxTree tree) => Path.GetRelativePath(_root, tree.FilePath).Replace(Path.DirectorySeparatorChar, '/');

    private string Place(SyntaxTree tree, SyntaxNode node) => $"{Relative(tree)}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
}
