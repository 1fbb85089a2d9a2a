using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>
/// SentencePiece's compiled normalisation rules (XLM-R's are <c>nmt_nfkc</c>): a double-array trie over UTF-8 bytes whose values
/// point into a table of replacements.
/// </summary>
/// <remarks>
/// The rules are applied as the tokenizers library applies them, which is not how SentencePiece does: a grapheme cluster of fewer
/// than six UTF-8 bytes is replaced as a whole by the rule for its <i>shortest</i> prefix that has one (the rest of the cluster is
/// lost: <c>²</c> with a combining acute gives <c>2</c>); otherwise each code point is replaced by itself.
/// </remarks>
internal sealed class PrecompiledCharsMap
{
    // bits of the trie's units
    private const uint IsValue = 0x80000000;
    private const uint HasValue = 0x100;

    private const int ClusterLimit = 6;
    private const byte Mapped = 1;

    // Unicode's longest has 18; a file's one can't be let grow a text a million times.
    private const int MostOfReplacement = 256;

    private const char FirstOfThreeBytes = '\u0800';

    private readonly uint[] _trie;
    private readonly char[] _replacements;
    private readonly int[] _charOfByte;
    /// <summary>Where a unit's own replacement starts in <see cref="_replacements"/>; meant only where it is <see cref="Mapped"/>.</summary>
    private readonly int[] _replacementOf = new int[char.MaxValue + 1];
    private readonly byte[] _flags = GraphemeJoins.Flags.ToArray();

    /// <exception cref="TokenizerException">The bytes are not compiled rules.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public PrecompiledCharsMap(ReadOnlySpan<byte> compiled)
    {
        uint trieBytes = compiled.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(compiled) : 0;
        if (trieBytes is 0 || trieBytes % 4 != 0 || trieBytes > compiled.Length - 4)
        {
            throw new TokenizerException(
                $"precompiled_charsmap: expected a trie of a positive multiple of 4 bytes, found {compiled.Length} bytes that announce one of {trieBytes}.");
        }
        _trie = new uint[trieBytes / 4];
        for (int i = 0; i < _trie.Length; i++)
            _trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(compiled[(4 + i * 4)..]);
        (_replacements, _charOfByte) = DecodeReplacements(compiled[(4 + (int)trieBytes)..]);
        CheckTrie();
        Span<byte> utf8 = stackalloc byte[3];
        for (int c = 0; c <= char.MaxValue; c++)
        {
            if (!Rune.TryCreate((char)c, out Rune rune))
                rune = Rune.ReplacementChar;
            if (TryFind(utf8[..rune.EncodeToUtf8(utf8)], out int start))
            {
                _replacementOf[c] = start;
                _flags[c] |= Mapped;
            }
        }
    }

    /// <summary>Appends the normalised <paramref name="text"/> to <paramref name="output"/>. A lone surrogate counts as U+FFFD.</summary>
    public void Normalize(ReadOnlySpan<char> text, NormalizedText output)
    {
        byte[] flags = _flags;
        for (int i = 0; i < text.Length;)
        {
            byte flag = flags[text[i]];
            if (flag == 0)
            {
                int end = i + 1;
                while (end < text.Length && flags[text[end]] == 0)
                    end++;
                // the last of them may share its cluster with what comes next
                if (end < text.Length && Joins(text[end]))
                    end--;
                if (end > i)
                {
                    output.AppendUnchanged(text[i..end]);
                    i = end;
                    continue;
                }
            }
            else if (flag == Mapped && (i + 1 == text.Length || !Joins(text[i + 1])))
            {
                output.AppendReplacement(1, Replacement(_replacementOf[text[i]]));
                i++;
                continue;
            }
            i += NormalizeClusters(text[i..], output);
        }
    }

    /// <summary>Handles at least one whole cluster from the start of <paramref name="text"/>; returns how many units.</summary>
    private int NormalizeClusters(ReadOnlySpan<char> text, NormalizedText output)
    {
        // two characters of three bytes fill a cluster, so in a run of such characters the clusters make no difference ...
        int run = 0;
        while (run < text.Length && text[run] >= FirstOfThreeBytes && (_flags[text[run]] & GraphemeJoins.Prepends) == 0)
            run++;
        // ... but in the end of the run that may belong to one cluster with the shorter character that ends it
        int certain = run;
        if (run == 0 || (run < text.Length && Joins(text[run])))
        {
            while (certain > 0 && (Joins(text[certain]) || Joins(text[certain - 1])))
                certain--;
        }
        NormalizeEach(text[..certain], output);
        int position = certain;
        while (position < run || position == 0)
            position += NormalizeCluster(text[position..], output);
        return position;
    }

    private bool Joins(char c) => (_flags[c] & GraphemeJoins.Joins) != 0;

    private int NormalizeCluster(ReadOnlySpan<char> text, NormalizedText output)
    {
        int length = StringInfo.GetNextTextElementLength(text);
        ReadOnlySpan<char> cluster = text[..length];
        Span<byte> utf8 = stackalloc byte[ClusterLimit - 1];
        if (Encoding.UTF8.TryGetBytes(cluster, utf8, out int bytes) && TryFind(utf8[..bytes], out int start))
            output.AppendReplacement(CodePoints(cluster), Replacement(start));
        else
            NormalizeEach(cluster, output);
        return length;
    }

    private void NormalizeEach(ReadOnlySpan<char> text, NormalizedText output)
    {
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < text.Length;)
        {
            char c = text[i];
            Rune.DecodeFromUtf16(text[i..], out Rune rune, out int units);
            int start = _replacementOf[c];
            bool mapped = units == 1 ? (_flags[c] & Mapped) != 0 : TryFind(utf8[..rune.EncodeToUtf8(utf8)], out start);
            if (mapped)
                output.AppendReplacement(1, Replacement(start));
            else if (units == 1 && char.IsSurrogate(c))
                output.AppendReplacement(1, "\uFFFD");
            else
                output.AppendUnchanged(text.Slice(i, units));
            i += units;
        }
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
            count++;
        return count;
    }

    private ReadOnlySpan<char> Replacement(int start)
    {
        ReadOnlySpan<char> rest = _replacements.AsSpan(start);
        int end = rest.IndexOf('\0');
        return end < 0 ? rest : rest[..end];
    }

    /// <summary>The replacement of the shortest prefix of <paramref name="key"/> that has one.</summary>
    private bool TryFind(ReadOnlySpan<byte> key, out int start)
    {
        uint position = Offset(_trie[0]);
        foreach (byte label in key)
        {
            if (label == 0)
                break;
            position ^= label;
            uint unit = _trie[position];
            if ((unit & (IsValue | byte.MaxValue)) != label)
                break;
            position ^= Offset(unit);
            if ((unit & HasValue) != 0)
            {
                start = _charOfByte[_trie[position] & ~IsValue];
                return true;
            }
        }
        start = 0;
        return false;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);

    /// <summary>Looks at each unit once, used or not, so that no text meets one that leads out of the trie or the replacements.</summary>
    private void CheckTrie()
    {
        for (uint i = 0; i < _trie.Length; i++)
        {
            uint unit = _trie[i];
            // no label has that bit, so that a value is only read as one; the first is a unit whatever it has
            if (i > 0 && (unit & IsValue) != 0)
                continue;
            uint next = i ^ Offset(unit);
            // any label may be tried there
            if ((next | byte.MaxValue) >= _trie.Length)
                throw new TokenizerException($"precompiled_charsmap: unit {i} of its trie leads to {next | byte.MaxValue}, of {_trie.Length}.");
            if (i > 0 && (unit & HasValue) != 0 && (_trie[next] & ~IsValue) >= _charOfByte.Length)
                throw new TokenizerException($"precompiled_charsmap: unit {i} of its trie has a replacement at byte {_trie[next] & ~IsValue}, of {_charOfByte.Length}.");
        }
    }

    private static (char[] Chars, int[] CharOfByte) DecodeReplacements(ReadOnlySpan<byte> utf8)
    {
        var chars = new char[utf8.Length];
        var charOfByte = new int[utf8.Length];
        int written = 0, start = 0;
        for (int i = 0; i < utf8.Length;)
        {
            if (Rune.DecodeFromUtf8(utf8[i..], out Rune rune, out int bytes) != System.Buffers.OperationStatus.Done)
                throw new TokenizerException($"precompiled_charsmap: the replacements are not UTF-8 at byte {i}.");
            charOfByte.AsSpan(i, bytes).Fill(written);
            start = rune.Value == 0 ? written + 1 : start;
            if (written - start >= MostOfReplacement)
                throw new TokenizerException($"precompiled_charsmap: a replacement has more than {MostOfReplacement} characters, at byte {i}.");
            written += rune.EncodeToUtf16(chars.AsSpan(written));
            i += bytes;
        }
        return (chars[..written], charOfByte);
    }
}
