using System.Reflection;
using System.Text.RegularExpressions;
using AltClip.Imaging.Magick;
using AltClip.Onnx;
using AltClip.Search;
using AltClip.Training;

namespace AltClip.Cli.Tests;

/// <summary>
/// The names that programmers know the libraries' types, members and parameters by. Who types commands can't set an option by them: no message has one.
/// </summary>
internal static partial class LibraryNames
{
    private static readonly HashSet<string> Names = [.. Libraries().SelectMany(library => library.GetExportedTypes()).SelectMany(OfType).Where(name => Compound().Match(name).Value == name)];

    /// <summary>Which of them a text has.</summary>
    public static IReadOnlyList<string> In(string text) => [.. Compound().Matches(text).Select(match => match.Value).Where(Names.Contains)];

    /// <summary>Sentences of .NET, which name what programmers know.</summary>
    [GeneratedRegex(@"Could not find (file|a part of the path) '|Access to the path '|LineNumber: \d|\(Parameter '|from specified code page")]
    public static partial Regex Sentences();

    private static Assembly[] Libraries() =>
        [typeof(AltCLIPPipeline).Assembly, typeof(MagickDecoders).Assembly, typeof(OnnxExporter).Assembly, typeof(ImageSearcher).Assembly, typeof(Trainer).Assembly];

    private static IEnumerable<string> OfType(Type type) =>
    [
        type.Name,
        .. type.GetMembers().Select(member => member.Name),
        .. type.GetMembers().OfType<MethodBase>().SelectMany(method => method.GetParameters()).Select(parameter => parameter.Name ?? ""),
    ];

    // Of two words or more: a single one is one of English, too.
    [GeneratedRegex(@"(?<![\w./'])[A-Za-z]*[a-z][A-Z][A-Za-z]*(?!\w|\.\w)")]
    private static partial Regex Compound();
}
