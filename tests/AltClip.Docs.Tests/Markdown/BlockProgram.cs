using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AltClip.Docs.Tests;

/// <summary>Compiles and runs code as the program of an app that references AltClip's packages.</summary>
internal static class BlockProgram
{
    // What a new app of .NET has without asking.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;

        """;

    private static readonly string[] TestsOwn = ["xunit", "Microsoft.CodeAnalysis", "Microsoft.DotNet.Interactive", "Microsoft.Testing", "AltClip.Docs.Tests"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Latest);

    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !TestsOwn.Any(own => Path.GetFileName(path).StartsWith(own, StringComparison.Ordinal)))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    /// <summary>Compiles a program.</summary>
    /// <param name="code">The program.</param>
    /// <param name="usings">Namespaces and classes that are imported beside those of every new app.</param>
    /// <returns>The assembly's bytes, or what the compiler says.</returns>
    public static (byte[]? Assembly, IReadOnlyList<Diagnostic> Errors) Compile(string code, IEnumerable<string> usings)
    {
        var imports = ImplicitUsings + string.Concat(usings.Select(name => $"global using {name};\n"));
        var compilation = CSharpCompilation.Create(
            $"Block{Guid.NewGuid():N}", [Parse(imports), Parse(code)], References.Value,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable)
                // Versions of assemblies that packages were built against.
                .WithSpecificDiagnosticOptions([new("CS1701", ReportDiagnostic.Suppress), new("CS1702", ReportDiagnostic.Suppress)]));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Diagnostic[] errors = [.. result.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];
        return errors.Length == 0 && result.Success ? (bytes.ToArray(), []) : (null, errors);
    }

    /// <summary>The namespaces and classes that a piece of code imports.</summary>
    public static IEnumerable<string> UsingsOf(string code) =>
        ((CompilationUnitSyntax)Parse(code).GetRoot()).Usings.Select(directive => directive.ToString()["using ".Length..].TrimEnd(';'));

    /// <summary>Runs a program.</summary>
    /// <param name="assembly">The assembly's bytes.</param>
    /// <returns>What it printed.</returns>
    /// <exception cref="TimeoutException">It does not end.</exception>
    public static async Task<string> RunAsync(byte[] assembly)
    {
        var context = new AssemblyLoadContext(null, isCollectible: true);
        var main = context.LoadFromStream(new MemoryStream(assembly)).EntryPoint!;
        using var printed = new StringWriter();
        var console = Console.Out;
        Console.SetOut(printed);
        try
        {
            object[] arguments = main.GetParameters().Length == 0 ? [] : [Array.Empty<string>()];
            await Task.Run(() => main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)).WaitAsync(Patience);
        }
        finally
        {
            Console.SetOut(console);
            context.Unload();
        }
        return printed.ToString();
    }

    private static SyntaxTree Parse(string code) => CSharpSyntaxTree.ParseText(code, Language);
}
