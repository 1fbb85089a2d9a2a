using System.Text.Json.Serialization;

namespace AltClip.Configuration;

/// <summary>What <c>thresholds.json</c> holds.</summary>
/// <param name="Rejection">The threshold for "none of these".</param>
internal sealed record ThresholdsFile(RejectionThreshold Rejection);

/// <summary>Writes <see cref="ThresholdsFile"/>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ThresholdsFile))]
internal sealed partial class ThresholdsJson : JsonSerializerContext;
