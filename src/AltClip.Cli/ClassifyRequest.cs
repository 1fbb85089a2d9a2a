using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AltClip.Cli;

/// <summary>What <c>altclip classify</c> was asked.</summary>
internal sealed record ClassifyRequest(string[] Pictures, string[] Labels, string? Model);

/// <summary>A picture with its labels, the most probable first.</summary>
internal sealed record ClassifiedPicture(string Picture, LabelProbability[] Labels);

[JsonSerializable(typeof(ClassifiedPicture[]))]
internal sealed partial class ClassifyJsonContext : JsonSerializerContext
{
    /// <summary>Snake case, with labels in any language readable as they are.</summary>
    public static ClassifyJsonContext Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });
}
