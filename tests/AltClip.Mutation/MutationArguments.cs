using System.Globalization;

namespace AltClip.Mutation;

/// <summary>What the program is asked to do.</summary>
/// <param name="Project">The folder of the project whose file is changed, such as <c>src/AltClip</c>.</param>
/// <param name="File">The file, below the project.</param>
/// <param name="Tests">The folder of the tests' project, which is built.</param>
/// <param name="Classes">The test classes that cover the file, as <c>--filter-class</c> takes them.</param>
/// <param name="Sample">How many mutants are tried, evenly out of all.</param>
internal sealed record MutationArguments(string Project, string File, string Tests, IReadOnlyList<string> Classes, int Sample)
{
    public const string Usage = "usage: AltClip.Mutation PROJECT FILE TESTS SAMPLE CLASS…";

    public static MutationArguments? Parse(string[] args) =>
        args.Length > 4 && int.TryParse(args[3], CultureInfo.InvariantCulture, out var sample) && Directory.Exists(args[0]) && Directory.Exists(args[2])
            ? new(Path.GetFullPath(args[0]), args[1], Path.GetFullPath(args[2]), args[4..], sample) : null;
}
