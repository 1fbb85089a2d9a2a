namespace AltClip.Fuzz.Mutation;

/// <summary>A changed file.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Members">The member of a JSON file that was changed, with those around it and in it; null where it is not one of known name.</param>
internal sealed record Mutated(byte[] Content, IReadOnlyCollection<string>? Members = null);
