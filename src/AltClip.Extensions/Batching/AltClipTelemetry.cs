namespace AltClip.Extensions;

/// <summary>The names under which OpenTelemetry finds what is measured here.</summary>
/// <remarks>
/// Each call is a span and a measurement of Microsoft.Extensions.AI, with the names of OpenTelemetry's conventions for generative AI
/// (<c>gen_ai.client.operation.duration</c>, <c>gen_ai.client.token.usage</c>). Of AltClip itself are the batches: a span
/// <c>altclip.batch</c> with links to the calls in it, the histograms <c>altclip.batch.size</c> ({input}), <c>altclip.batch.duration</c> (s)
/// and <c>altclip.queue.time</c> (s), and <c>altclip.queue.length</c> ({input}), what waits now; all with the tags <c>altclip.input.type</c>
/// (<c>text</c>, <c>image</c>) and <c>gen_ai.request.model</c>; spans also with <c>altclip.kernel</c> and <c>altclip.precision</c>, what computed it.
/// </remarks>
public static class AltClipTelemetry
{
    /// <summary>The meter and activity source of batches.</summary>
    public const string Name = "AltClip";

    /// <summary>The meter and activity source of Microsoft.Extensions.AI.</summary>
    public const string GenerativeAIName = "Experimental.Microsoft.Extensions.AI";

    /// <summary>Both, for OpenTelemetry's <c>AddMeter</c> and <c>AddSource</c>.</summary>
    public static string[] Names => [Name, GenerativeAIName];
}
