using System.Text;

namespace AltClip.Tokenization;

/// <summary>The pieces of a vocabulary with their scores, by id. All texts share one array: 250,000 pieces cost no strings.</summary>
internal sealed class PieceTable
{
    private readonly char[] _chars;
    private readonly int[] _starts;
    private readonly double[] _scores;

    private PieceTable(char[] chars, int[] starts, double[] scores, int count)
    {
        _chars = chars;
        _starts = starts;
        _scores = scores;
        Count = count;
    }

    public int Count { get; }

    public ReadOnlySpan<char> this[int id] => _chars.AsSpan(_starts[id], _starts[id + 1] - _starts[id]);

    public double Score(int id) => _scores[id];

    /// <summary>Collects pieces in the order of their ids.</summary>
    internal sealed class Builder
    {
        private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

        // Segmenting a text costs its length times the longest piece's; training allows 16 characters unless told otherwise.
        private const int MostOfPiece = 1000;

        private char[] _chars = new char[1 << 16];
        private int[] _starts = new int[1 << 12];
        private double[] _scores = new double[1 << 12];
        private int _used;

        public int Count { get; private set; }

        /// <exception cref="DecoderFallbackException">The bytes are not UTF-8.</exception>
        public void Add(ReadOnlySpan<byte> piece, double score)
        {
            int written = Utf8.GetChars(piece, Room(piece.Length));
            Append(written, score);
        }

        public void Add(string piece, double score)
        {
            piece.CopyTo(Room(piece.Length));
            Append(piece.Length, score);
        }

        public PieceTable Build() => new(_chars, _starts, _scores, Count);

        private Span<char> Room(int length)
        {
            if (_chars.Length - _used < length)
                Array.Resize(ref _chars, Math.Max(_chars.Length * 2, _used + length));
            return _chars.AsSpan(_used);
        }

        private void Append(int length, double score)
        {
            if (length > MostOfPiece)
                throw new TokenizerException($"piece {Count} of the vocabulary has {length} characters; expected at most {MostOfPiece}.");
            if (Count + 1 == _starts.Length)
            {
                Array.Resize(ref _starts, _starts.Length * 2);
                Array.Resize(ref _scores, _starts.Length);
            }
            _scores[Count] = score;
            _used += length;
            _starts[++Count] = _used;
        }
    }
}
