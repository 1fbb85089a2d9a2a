using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AltClip.Shared;

namespace AltClip.Configuration;

/// <summary>
/// How configurations are read and written. By reflection: code that System.Text.Json generates can't keep the default of an init-only property
/// that a file leaves out.
/// </summary>
internal static class ConfigJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonFloat(), new WholeNumber(), new TokenId() },
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { PutBasesFirst } },
    };

    public static JsonTypeInfo<T> Of<T>() where T : PretrainedConfig => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    private static void PutBasesFirst(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
            if (property.AttributeProvider is PropertyInfo { DeclaringType: { } declaring }) property.Order = Depth(declaring);
    }

    private static int Depth(Type? type) => type is null ? 0 : 1 + Depth(type.BaseType);
}
