namespace AltClip.Conformance;

/// <summary>A result is not the reference's.</summary>
internal sealed class MismatchException(string message) : Exception(message);
