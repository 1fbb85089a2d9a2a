using System.CommandLine;

namespace AltClip.Cli;

/// <summary>An option with several values after it, as <c>--labels</c>.</summary>
internal class TextsOption : Option<string[]>
{
    public TextsOption(string name, params string[] aliases) : base(name, aliases)
    {
        AllowMultipleArgumentsPerToken = true;
        Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (string.IsNullOrWhiteSpace(token.Value)) result.AddError($"A value of {Name} is empty.");
                // All words that are no option are values of this one: a misspelt option would be too.
                if (token.Value.StartsWith("--", StringComparison.Ordinal) && token.Value.Length > 2 && char.IsAsciiLetter(token.Value[2]))
                    result.AddError($"There is no option '{token.Value}'.");
            }
        });
    }
}
