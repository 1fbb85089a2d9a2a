using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace AltClip.Cli;

/// <summary>
/// How options read numbers, in this one place for all commands: in any country as programs write them. System.CommandLine's own reading takes a comma for a
/// separator of thousands, so that 1,5 would be 15.
/// </summary>
internal static class NumberOptions
{
    /// <summary>Sets how the options of a command, and of all below it, read numbers, but for those that read in a way of their own.</summary>
    public static void ReadNumbers(Command command)
    {
        foreach (var option in command.Options)
            _ = Set<int>(option, "a whole number") || Set<long>(option, "a whole number") || Set<float>(option, "a number") || Set<double>(option, "a number");
        foreach (var below in command.Subcommands) ReadNumbers(below);
    }

    /// <summary>Has an option refuse whole numbers below a least one. What is no number, its reading refuses.</summary>
    public static void RefuseBelow(this Option option, long least) => option.Validators.Add(result =>
    {
        foreach (var token in result.Tokens)
        {
            if (long.TryParse(token.Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number < least)
                result.AddError($"{option.Name} is {number}; expected {least} or more.");
        }
    });

    /// <summary>Whether a word is a number.</summary>
    public static bool IsNumber(string word) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static bool Set<T>(Option option, string expected) where T : struct, INumber<T>
    {
        switch (option)
        {
            case Option<T> one:
                one.CustomParser ??= result => Read<T>(option, result, expected)[^1];
                return true;
            case Option<T?> oneOrNone:
                oneOrNone.CustomParser ??= result => Read<T>(option, result, expected)[^1];
                return true;
            case Option<T[]> several:
                several.CustomParser ??= result => Read<T>(option, result, expected);
                return true;
            default:
                return false;
        }
    }

    private static T[] Read<T>(Option option, ArgumentResult result, string expected) where T : struct, INumber<T>
    {
        var style = typeof(T) == typeof(float) || typeof(T) == typeof(double) ? NumberStyles.Float : NumberStyles.Integer;
        var numbers = new T[result.Tokens.Count];
        foreach (var (i, token) in result.Tokens.Index())
        {
            if (!T.TryParse(token.Value, style, CultureInfo.InvariantCulture, out numbers[i]))
                result.AddError($"{option.Name} is '{token.Value}'; expected {expected}{(IsReadWithPoint(token.Value) ? ", with a point in place of the comma" : "")}.");
        }
        return numbers;

        bool IsReadWithPoint(string text) => text.Contains(',') && T.TryParse(text.Replace(',', '.'), style, CultureInfo.InvariantCulture, out _);
    }
}
