using System.Globalization;
using System.Runtime.CompilerServices;

namespace AltClip.Training.Augmentation;

/// <summary>Refuses an augmentation's parameters by their names.</summary>
internal static class AugmentationCheck
{
    public static double Probability(double value, [CallerMemberName] string name = "") =>
        value is >= 0 and <= 1 ? value : throw Unexpected(value, "a probability from 0 to 1", name);

    public static double From(double least, double value, [CallerMemberName] string name = "") =>
        value >= least && double.IsFinite(value) ? value : throw Unexpected(value, $"a finite number of at least {least}", name);

    public static double Within(double least, double most, double value, [CallerMemberName] string name = "") =>
        value >= least && value <= most ? value : throw Unexpected(value, $"a number from {least} to {most}", name);

    /// <summary>A range in order, within limits of its own.</summary>
    public static (double Min, double Max) Range(double least, double most, (double Min, double Max) range, [CallerMemberName] string name = "") =>
        range.Min >= least && range.Max <= most && range.Min <= range.Max ? range
            : throw Unexpected(range, string.Create(CultureInfo.InvariantCulture, $"a range, the smaller number first, within {least} to {most}"), name);

    private static ArgumentException Unexpected(object value, string expected, string name) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; expected {expected}."), name);
}
