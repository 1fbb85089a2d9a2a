using System.Globalization;

namespace AltClip.Mutation;

/// <summary>What the program is asked to do.</summary>
/// <param name="Repository">The folder of the solution.</param>
/// <param name="Work">Where the tests' copies are made.</param>
/// <param name="Sample">How many mutants of each area are tried.</param>
/// <param name="Seed">From which the sample follows.</param>
/// <param name="Seconds">When to stop, with what was tried until then.</param>
/// <param name="Areas">The areas that are tried; null for all.</param>
/// <param name="Places">The ends of the places that are tried, such as <c>ZipDirectory.cs:142</c>; null for all.</param>
/// <param name="Output">The table of what was tried, which is added to.</param>
internal sealed record MutationArguments(string Repository, string Work, int Sample, int Seed, double Seconds, IReadOnlyList<string>? Areas, IReadOnlyList<string>? Places, string Output)
{
    public const string Usage =
        "usage: AltClip.Mutation REPOSITORY WORK [--sample 40] [--seed 1] [--seconds 3600] [--areas NAME,NAME] [--places FILE:LINE,FILE:LINE] [--output artifacts/mutation/mutants.tsv]";

    public static MutationArguments? Parse(string[] args)
    {
        if (args.Length < 2 || args.Length % 2 != 0 || !Directory.Exists(args[0])) return null;
        var parsed = new MutationArguments(Path.GetFullPath(args[0]), Path.GetFullPath(args[1]), 40, 1, 3600, null, null, Path.Combine("artifacts", "mutation", "mutants.tsv"));
        for (var i = 2; i < args.Length; i += 2)
        {
            var value = args[i + 1];
            switch (args[i])
            {
                case "--sample" when int.TryParse(value, out var sample): parsed = parsed with { Sample = sample }; break;
                case "--seed" when int.TryParse(value, out var seed): parsed = parsed with { Seed = seed }; break;
                case "--seconds" when double.TryParse(value, CultureInfo.InvariantCulture, out var seconds): parsed = parsed with { Seconds = seconds }; break;
                case "--areas" when value.Split(',').All(name => Area.All.Any(area => area.Name == name)): parsed = parsed with { Areas = value.Split(',') }; break;
                case "--places": parsed = parsed with { Places = value.Split(',') }; break;
                case "--output": parsed = parsed with { Output = value }; break;
                default: return null;
            }
        }
        return parsed;
    }
}
