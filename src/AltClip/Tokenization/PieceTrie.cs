using System.Runtime.CompilerServices;

namespace AltClip.Tokenization;

/// <summary>
/// A trie over the UTF-16 units of a vocabulary. The children of each node lie in a table of their own, in which a multiplier found
/// when the trie was built gives each its place: a step reads one entry, the score of a piece that ends there included, and whether
/// the entry has the right label says whether the child exists.
/// </summary>
internal sealed class PieceTrie
{
    private readonly Entry[] _entries;
    private readonly int[] _ids;

    public PieceTrie(PieceTable pieces)
    {
        var builder = new PieceTrieBuilder(pieces);
        (_entries, _ids) = builder.Build();
        Longest = builder.Longest;
    }

    /// <summary>The UTF-16 units of the longest piece.</summary>
    public int Longest { get; }

    /// <summary>The entries. The root's children come first, at the places of their units.</summary>
    public ReadOnlySpan<Entry> Entries => _entries;

    /// <summary>The id of the piece that ends at an entry.</summary>
    public int IdOf(int place) => _ids[place];

    /// <summary>Where the entry of exactly this piece is, -1 where the vocabulary lacks it.</summary>
    public int Find(ReadOnlySpan<char> piece)
    {
        if (piece.IsEmpty)
            return -1;
        int place = piece[0];
        for (int i = 0; _entries[place].Is(piece[i]);)
        {
            if (++i == piece.Length)
                return _entries[place].EndsPiece ? place : -1;
            place = _entries[place].PlaceOf(piece[i]);
        }
        return -1;
    }

    /// <summary>A node, as its parent's table holds it; all 0 where the table has a gap.</summary>
    internal readonly struct Entry
    {
        // taken (1 bit) | label (16) | unused (2) | first place of the children (24) | multiplier (16) | shift (5)
        private const int ShiftBits = 5;
        private const int MultiplierBits = 16;
        private const int LabelShift = 47;
        private const ulong Taken = 1UL << 63;
        private const uint PlaceMask = 0xFFFFFF;

        private readonly ulong _packed;

        /// <summary>A node at which no piece ends and whose children would all be at one place, a gap.</summary>
        /// <param name="label">The unit that leads here.</param>
        /// <param name="gap">A place that stays a gap.</param>
        public Entry(char label, int gap)
            : this(Pack(label, gap, 0, 0), double.NegativeInfinity)
        {
        }

        private Entry(ulong packed, double score)
        {
            _packed = packed;
            Score = score;
        }

        /// <summary>The score of the piece that ends here, minus infinity where none does.</summary>
        public double Score { get; }

        public bool EndsPiece => Score != double.NegativeInfinity;

        public Entry WithScore(double score) => new(_packed, score);

        public Entry WithChildren(int first, ushort multiplier, int shift) =>
            new(Pack((char)(_packed >> LabelShift), first, multiplier, shift), Score);

        /// <summary>Whether this is the child for the unit.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool Is(char unit) => _packed >> LabelShift == (Taken >> LabelShift | unit);

        /// <summary>Where the child for the unit is, if there is one.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int PlaceOf(char unit)
        {
            uint hash = (ushort)(unit * (uint)(ushort)(_packed >> ShiftBits));
            return (int)((uint)(_packed >> (ShiftBits + MultiplierBits)) & PlaceMask) + (int)(hash >> (int)(_packed & 31));
        }

        private static ulong Pack(char label, int first, ushort multiplier, int shift) =>
            Taken | (ulong)label << LabelShift | ((ulong)first << MultiplierBits | multiplier) << ShiftBits | (uint)shift;
    }
}
