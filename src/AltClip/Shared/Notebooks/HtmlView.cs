using System.Diagnostics.CodeAnalysis;

namespace AltClip.Shared.Notebooks;

/// <summary>
/// How notebooks show values of a type: a formatter, and the source that makes it. The names of the public members are .NET Interactive's,
/// which finds them by reflection.
/// </summary>
/// <typeparam name="T">The type that is shown.</typeparam>
internal abstract class HtmlView<T>
{
    /// <summary>What the formatter writes.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = ".NET Interactive reads it from an instance.")]
    public string MimeType => "text/html";

    /// <summary>The formatters of the type.</summary>
    public IEnumerable<object> CreateTypeFormatters() => [this];

    /// <summary>Writes a value, and says whether it was of the type.</summary>
    public bool Format(object value, TextWriter writer)
    {
        if (value is not T shown) return false;
        Write(shown, new HtmlWriter(writer));
        return true;
    }

    /// <summary>Writes a value in colours that can be read on light and dark pages.</summary>
    protected abstract void Write(T value, HtmlWriter html);
}
