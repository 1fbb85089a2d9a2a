namespace Microsoft.DotNet.Interactive.Formatting;

/// <summary>
/// Says how notebooks show a type. .NET Interactive knows this attribute by its name, and the members of the source by theirs, so that a
/// library needs no reference to it.
/// </summary>
/// <param name="formatterSourceType">A class with a method <c>CreateTypeFormatters</c>, such as <see cref="AltClip.Shared.Notebooks.HtmlView{T}"/>.</param>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class TypeFormatterSourceAttribute(Type formatterSourceType) : Attribute
{
    /// <summary>The class that makes the formatters.</summary>
    public Type FormatterSourceType { get; } = formatterSourceType;
}
