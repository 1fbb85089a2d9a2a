using System.Text.RegularExpressions;

namespace AltClip.Modeling.Adapters;

/// <summary>Values of <c>rank_pattern</c> or <c>alpha_pattern</c> by the names of modules, in the order of the file.</summary>
internal sealed class LoraPattern<T>(IReadOnlyList<(Regex Key, T Value)> entries)
{
    /// <summary>The value of the first key that a name fits; <paramref name="absent"/> if there is none.</summary>
    /// <param name="name">The module's name as the adapter's file has it.</param>
    /// <param name="absent">What else counts.</param>
    /// <exception cref="RegexMatchTimeoutException">A key doesn't come to an end.</exception>
    public T Of(string name, T absent)
    {
        foreach (var (key, value) in entries)
        {
            if (key.IsMatch(name)) return value;
        }
        return absent;
    }
}
