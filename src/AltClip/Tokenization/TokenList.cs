namespace AltClip.Tokenization;

/// <summary>The tokens of one sequence before special tokens are put round it; used again for the next.</summary>
internal sealed class TokenList
{
    private int[] _ids = new int[64];
    private int[] _from = [];
    private int[] _to = [];

    public int Count { get; private set; }

    public int Capacity => _ids.Length;

    public bool TracksOffsets { get; private set; }

    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Count);

    public (int Start, int End) Offset(int index) => (_from[index], _to[index]);

    public void Clear(bool trackOffsets)
    {
        Count = 0;
        TracksOffsets = trackOffsets;
    }

    public void Add(int id, int from, int to)
    {
        int index = Extend(1);
        _ids[index] = id;
        SetOffset(index, from, to);
    }

    /// <summary>Makes room for tokens that are then set in any order; returns the index of the first.</summary>
    public int Extend(int count)
    {
        int first = Count;
        Count += count;
        if (Count > _ids.Length)
            Array.Resize(ref _ids, Math.Max(_ids.Length * 2, Count));
        if (TracksOffsets && _from.Length < _ids.Length)
        {
            Array.Resize(ref _from, _ids.Length);
            Array.Resize(ref _to, _ids.Length);
        }
        return first;
    }

    public void SetId(int index, int id) => _ids[index] = id;

    public void SetOffset(int index, int from, int to)
    {
        if (TracksOffsets)
            (_from[index], _to[index]) = (from, to);
    }
}
