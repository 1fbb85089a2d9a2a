using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;

namespace AltClip.Cli;

/// <summary>What is wrong with what was typed, in the words of those who type, with what may have been meant.</summary>
internal static partial class UsageErrors
{
    // Other tools have commands for them.
    private static readonly string[] Options = ["--help", "--version"];

    /// <summary>What is wrong; nothing if all is well.</summary>
    public static IReadOnlyList<string> Of(ParseResult parsed)
    {
        // First, as a mistyped option may be the one that is said to be missing.
        string[] messages = [.. UnknownOptions(parsed).Select(name => NoOption(parsed, name)), .. WeightsTooMany(parsed), .. parsed.Errors.Select(error => Say(parsed, error.Message))];
        // What follows a command that doesn't exist is that one's.
        if (messages.FirstOrDefault(message => message.StartsWith("There is no command", StringComparison.Ordinal)) is { } command) return [command];
        // Who mistyped a command knows that there has to be one.
        return [.. messages.Where(message => messages.Length == 1 || !message.StartsWith("Required command", StringComparison.Ordinal)).Distinct()];
    }

    /// <summary>Words that look like options and were taken for one value more; behind <c>--</c>, they are values.</summary>
    private static IEnumerable<string> UnknownOptions(ParseResult parsed)
    {
        var values = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).ToHashSet();
        return parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
            .Where(token => token.Type == TokenType.Argument && LooksLikeOption().IsMatch(token.Value) && values.Contains(token.Value))
            .Select(token => token.Value);
    }

    /// <summary>A second number behind <c>--adapter-weight</c>, which would be taken for what the command is about.</summary>
    private static IEnumerable<string> WeightsTooMany(ParseResult parsed)
    {
        foreach (var (option, one, other) in parsed.Tokens.Zip(parsed.Tokens.Skip(1), parsed.Tokens.Skip(2)))
        {
            if (option is { Type: TokenType.Option, Value: AdapterOption.WeightName } && one.Type == TokenType.Argument && other.Type == TokenType.Argument
                && NumberOptions.IsNumber(one.Value) && NumberOptions.IsNumber(other.Value) && !Path.Exists(other.Value))
                yield return $"{option.Value} takes one number, and is given once for each --adapter; '{other.Value}' is one too many.";
        }
    }

    private static string Say(ParseResult parsed, string message)
    {
        if (WrongType().Match(message) is { Success: true } type)
            return $"{type.Groups["option"].Value} is '{type.Groups["value"].Value}'; expected {Expected(type.Groups["type"].Value)}.";
        if (Unrecognized().Match(message) is { Success: true } other)
        {
            var word = other.Groups["word"].Value;
            if (LooksLikeOption().IsMatch(word)) return NoOption(parsed, word);
            var commands = parsed.CommandResult.Command.Subcommands.Select(command => command.Name).ToList();
            return commands.Count > 0 ? $"There is no command '{word}'.{Suggestion.Of(word, commands.Concat(Options.Where(option => option == $"--{word}")))}" : $"'{word}' is one value too many.";
        }
        if (NotAmong().Match(message) is { Success: true } choice)
        {
            string[] choices = [.. choice.Groups["choice"].Captures.Select(capture => capture.Value)];
            return $"'{choice.Groups["word"].Value}' is not among {string.Join(", ", choices)}.{Suggestion.Of(choice.Groups["word"].Value, choices)}";
        }
        return OptionSaid().Match(message) is { Success: true } option ? NoOption(parsed, option.Groups["option"].Value) : message;
    }

    private static string NoOption(ParseResult parsed, string word)
    {
        var name = word.Split('=')[0];
        var names = Commands(parsed.CommandResult).SelectMany(command => command.Options).SelectMany(option => option.Aliases.Prepend(option.Name)).ToList();
        if (names.Contains(name)) return $"The option '{name}' stands before its command; expected it behind '{parsed.CommandResult.Command.Name}'.";
        return $"There is no option '{name}'.{Suggestion.Of(name, names.Where(known => known.StartsWith("--", StringComparison.Ordinal)))}";
    }

    private static IEnumerable<Command> Commands(CommandResult? result)
    {
        for (; result is not null; result = result.Parent as CommandResult) yield return result.Command;
    }

    private static string Expected(string type) => type switch
    {
        var name when name.Contains("Int32") || name.Contains("Int64") => "a whole number",
        var name when name.Contains("Double") || name.Contains("Single") => "a number",
        var name when name.Contains("Boolean") => "true or false",
        _ => "another value",
    };

    // As System.CommandLine says it.
    [GeneratedRegex(@"^Cannot parse argument '(?<value>.*)' for (option|command|argument) '(?<option>.*)' as expected type '(?<type>.*)'\.", RegexOptions.Singleline)]
    private static partial Regex WrongType();

    [GeneratedRegex(@"^Unrecognized command or argument '(?<word>.*)'\.$", RegexOptions.Singleline)]
    private static partial Regex Unrecognized();

    [GeneratedRegex(@"^Argument '(?<word>.*)' not recognized\. Must be one of:(\s+'(?<choice>[^']*)')+", RegexOptions.Singleline)]
    private static partial Regex NotAmong();

    [GeneratedRegex(@"^There is no option '(?<option>.*)'\.$", RegexOptions.Singleline)]
    private static partial Regex OptionSaid();

    [GeneratedRegex(@"^--?[A-Za-z]")]
    private static partial Regex LooksLikeOption();
}
