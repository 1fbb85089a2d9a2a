using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.Formatting;
using Xunit;

namespace AltClip.Docs.Tests;

/// <summary>Runs cells as .NET Interactive's C# kernel does: one after another, each with the variables of those before.</summary>
internal sealed partial class NotebookSession
{
    private ScriptState<object>? _state;

    // The imports are those of the kernel, and the references those of the packages that notebooks name.
    private readonly ScriptOptions _options = ScriptOptions.Default
        .WithLanguageVersion(LanguageVersion.Latest)
        .AddImports("System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq")
        .AddReferences(
            typeof(AltCLIPModel).Assembly, typeof(Training.Trainer).Assembly, typeof(TorchSharp.torch).Assembly, typeof(SkiaSharp.SKBitmap).Assembly);

    /// <summary>Runs a cell.</summary>
    /// <returns>The outputs that its notebook would have.</returns>
    /// <exception cref="CompilationErrorException">It doesn't compile.</exception>
    public async Task<JsonArray> RunAsync(string source)
    {
        var code = Package().Replace(source, match =>
        {
            // The libraries are there already, as they are now.
            Assert.Equal(Repository.VersionOf(match.Groups["name"].Value), match.Groups["version"].Value);
            return "";
        });
        using var printed = new StringWriter();
        var console = Console.Out;
        Console.SetOut(printed);
        try
        {
            _state = _state is null ? await CSharpScript.RunAsync(code, _options) : await _state.ContinueWithAsync(code);
        }
        finally
        {
            Console.SetOut(console);
        }
        var outputs = new JsonArray();
        if (printed.ToString() is { Length: > 0 } text)
            outputs.Add(new JsonObject { ["name"] = "stdout", ["output_type"] = "stream", ["text"] = Lines(text) });
        if (_state.ReturnValue is { } value)
        {
            var mimeType = Formatter.GetPreferredMimeTypesFor(value.GetType()).First();
            outputs.Add(new JsonObject
            {
                ["data"] = new JsonObject { [mimeType] = Lines(value.ToDisplayString(mimeType)) },
                ["metadata"] = new JsonObject(),
                ["output_type"] = "display_data",
            });
        }
        return outputs;
    }

    private static JsonArray Lines(string text) => [.. LineWithEnd().Matches(text.ReplaceLineEndings("\n")).Select(line => (JsonNode)line.Value)];

    [GeneratedRegex(@"^#r ""nuget:\s*(?<name>[\w.-]+)\s*,\s*(?<version>[\w.-]+)""\s*$", RegexOptions.Multiline)]
    private static partial Regex Package();

    [GeneratedRegex(@"[^\n]*\n|[^\n]+$")]
    private static partial Regex LineWithEnd();
}
