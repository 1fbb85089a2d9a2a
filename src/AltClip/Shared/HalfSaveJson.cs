using System.Text.Json.Serialization;

namespace AltClip.Shared;

/// <summary>Reads and writes <see cref="HalfSave"/> without reflection.</summary>
[JsonSerializable(typeof(HalfSave))]
internal sealed partial class HalfSaveJson : JsonSerializerContext;
