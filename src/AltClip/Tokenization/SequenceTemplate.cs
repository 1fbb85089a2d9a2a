namespace AltClip.Tokenization;

/// <summary>How special tokens are put round one sequence or a pair.</summary>
internal sealed class SequenceTemplate(IReadOnlyList<SequenceTemplate.Part> parts)
{
    public IReadOnlyList<Part> Parts { get; } = parts;

    /// <summary>How many special tokens it adds.</summary>
    public int AddedCount { get; } = parts.Sum(p => p.SpecialIds.Length);

    /// <summary>Special tokens, or a whole sequence.</summary>
    /// <param name="Sequence">0 for the first sequence, 1 for the second, -1 for special tokens.</param>
    /// <param name="TypeId">The token type of the part.</param>
    /// <param name="SpecialIds">The special tokens; empty for a sequence.</param>
    internal sealed record Part(int Sequence, int TypeId, int[] SpecialIds)
    {
        public static Part Special(int id) => new(-1, 0, [id]);

        public static Part Of(int sequence, int typeId = 0) => new(sequence, typeId, []);
    }
}
