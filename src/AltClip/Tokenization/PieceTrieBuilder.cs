using System.Numerics;
using System.Runtime.CompilerServices;

namespace AltClip.Tokenization;

/// <summary>
/// Builds the entries of <see cref="PieceTrie"/>: the pieces below a node are sorted by their next unit alone, depth first, which
/// sorts the vocabulary on the way and puts subtrees together.
/// </summary>
internal sealed class PieceTrieBuilder
{
    private const int Ended = -1;
    private const int Gap = 1 << UnitBits;
    private const int MaxEntries = 1 << 24;
    private const int UnitBits = 16;
    private const int TriesPerSize = 64;

    private readonly PieceTable _pieces;
    private readonly int[] _order;
    private readonly int[] _units;
    private readonly Stack<(int Entry, int Start, int End, int Depth)> _open = new();
    /// <summary>When each place of the table now tried was last taken.</summary>
    private readonly int[] _taken = new int[1 << UnitBits];
    private readonly ushort[] _distinct = new ushort[1 << UnitBits];
    private int _try;
    private PieceTrie.Entry[] _entries;
    private int[] _ids;
    private int _count = Gap + 1;

    public PieceTrieBuilder(PieceTable pieces)
    {
        _pieces = pieces;
        _order = [.. Enumerable.Range(0, pieces.Count)];
        _units = new int[pieces.Count];
        _entries = new PieceTrie.Entry[_count + pieces.Count * 3];
        _ids = new int[_entries.Length];
    }

    public int Longest { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (PieceTrie.Entry[] Entries, int[] Ids) Build()
    {
        SortByUnit(0, _order.Length, 0);
        int start = 0;
        // an empty piece is never found
        while (start < _order.Length && _units[start] == Ended)
            start++;
        AddChildren(start, _order.Length, 0, first: 0, multiplier: 1, shift: 0);
        while (_open.TryPop(out var open))
        {
            if (open.End - open.Start == 1)
                AddTail(open.Entry, _order[open.Start], open.Depth);
            else
                Expand(open.Entry, open.Start, open.End, open.Depth);
        }
        return (_entries, _ids);
    }

    /// <summary>Completes the entry of a node from its pieces: whether one ends there, and the children.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Expand(int entry, int start, int end, int depth)
    {
        SortByUnit(start, end, depth);
        for (; start < end && _units[start] == Ended; start++)
        {
            // a piece that is listed twice has the later id, as in the reference
            _ids[entry] = Math.Max(_ids[entry], _order[start]);
            _entries[entry] = _entries[entry].WithScore(_pieces.Score(_ids[entry]));
        }
        if (start == end)
            return;
        (int first, ushort multiplier, int shift) = FindTable(start, end);
        _entries[entry] = _entries[entry].WithChildren(first, multiplier, shift);
        AddChildren(start, end, depth, first, multiplier, shift);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SortByUnit(int start, int end, int depth)
    {
        for (int i = start; i < end; i++)
        {
            ReadOnlySpan<char> piece = _pieces[_order[i]];
            _units[i] = piece.Length > depth ? piece[depth] : Ended;
        }
        _units.AsSpan(start, end - start).Sort(_order.AsSpan(start, end - start));
    }

    /// <summary>Finds a multiplier under which the units of sorted pieces have places of their own, in as small a table as may be.</summary>
    private (int First, ushort Multiplier, int Shift) FindTable(int start, int end)
    {
        int count = 0;
        for (int i = start; i < end; i++)
        {
            if (i == start || _units[i] != _units[i - 1])
                _distinct[count++] = (ushort)_units[i];
        }
        ReadOnlySpan<ushort> distinct = _distinct.AsSpan(0, count);
        for (int bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)count)); ; bits++)
        {
            int shift = UnitBits - bits;
            for (int k = 0; k < TriesPerSize; k++)
            {
                // odd numbers without a pattern; 1 serves a table with room for every unit
                ushort multiplier = bits == UnitBits ? (ushort)1 : (ushort)(k * 0x9E36 + 0x9E37);
                if (HavePlaces(distinct, multiplier, shift))
                    return (Reserve(1 << bits), multiplier, shift);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool HavePlaces(ReadOnlySpan<ushort> units, ushort multiplier, int shift)
    {
        _try++;
        foreach (ushort unit in units)
        {
            ref int taken = ref _taken[(ushort)(unit * multiplier) >> shift];
            if (taken == _try)
                return false;
            taken = _try;
        }
        return true;
    }

    private int Reserve(int places)
    {
        int first = _count;
        _count += places;
        if (_count > MaxEntries)
            throw new TokenizerException($"the vocabulary needs a trie of more than {MaxEntries:N0} entries.");
        if (_count > _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(_entries.Length * 2, _count));
            Array.Resize(ref _ids, _entries.Length);
        }
        return first;
    }

    /// <summary>Completes the entry of a node with a single piece: what is left of it has no branches.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTail(int entry, int id, int depth)
    {
        ReadOnlySpan<char> piece = _pieces[id];
        Longest = Math.Max(Longest, piece.Length);
        for (; depth < piece.Length; depth++)
        {
            int child = Reserve(1);
            _entries[entry] = _entries[entry].WithChildren(child, 0, 0);
            _entries[child] = new PieceTrie.Entry(piece[depth], Gap);
            entry = child;
        }
        _entries[entry] = _entries[entry].WithScore(_pieces.Score(id));
        _ids[entry] = id;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddChildren(int start, int end, int depth, int first, ushort multiplier, int shift)
    {
        Longest = Math.Max(Longest, depth + 1);
        while (start < end)
        {
            int unit = _units[start], childStart = start;
            while (start < end && _units[start] == unit)
                start++;
            int entry = first + ((ushort)(unit * multiplier) >> shift);
            _entries[entry] = new PieceTrie.Entry((char)unit, Gap);
            _open.Push((entry, childStart, start, depth + 1));
        }
    }
}
