using System.Globalization;
using System.Text;

namespace AltClip.Tokenization;

/// <summary>The decoders of the tokenizers library.</summary>
internal abstract record DecoderStep
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public abstract List<string> Apply(List<string> tokens);

    internal sealed record MetaspaceToSpace(char Sign, bool DropsFirst) : DecoderStep
    {
        public override List<string> Apply(List<string> tokens) =>
            [.. tokens.Select((token, i) => i == 0 && DropsFirst ? token.Replace(Sign.ToString(), "") : token.Replace(Sign, ' '))];
    }

    internal sealed record Fuse : DecoderStep
    {
        public override List<string> Apply(List<string> tokens) => [string.Concat(tokens)];
    }

    internal sealed record Replace(ReplacePattern Pattern, string Content) : DecoderStep
    {
        public override List<string> Apply(List<string> tokens) => [.. tokens.Select(Replaced)];

        private string Replaced(string token)
        {
            var text = new StringBuilder();
            int done = 0;
            foreach ((int start, int length) in Pattern.Find(token))
            {
                text.Append(token, done, start - done).Append(Content);
                done = start + length;
            }
            return text.Append(token, done, token.Length - done).ToString();
        }
    }

    /// <summary>Takes a character off, at most so often, at the beginning and at the end of each token.</summary>
    internal sealed record Strip(char Content, int AtStart, int AtEnd) : DecoderStep
    {
        public override List<string> Apply(List<string> tokens) => [.. tokens.Select(Stripped)];

        private string Stripped(string token)
        {
            int start = 0, end = token.Length;
            while (start < Math.Min(AtStart, end) && token[start] == Content)
                start++;
            while (token.Length - end < AtEnd && end > start && token[end - 1] == Content)
                end--;
            return token[start..end];
        }
    }

    /// <summary>Makes characters of tokens that are bytes; what is no UTF-8 becomes U+FFFD, one for each byte.</summary>
    internal sealed record ByteFallback : DecoderStep
    {
        public override List<string> Apply(List<string> tokens)
        {
            List<string> decoded = [];
            List<byte> bytes = [];
            foreach (string token in tokens)
            {
                if (IsByte(token, out byte value))
                {
                    bytes.Add(value);
                    continue;
                }
                Flush(bytes, decoded);
                decoded.Add(token);
            }
            Flush(bytes, decoded);
            return decoded;
        }

        private static bool IsByte(string token, out byte value)
        {
            value = 0;
            return token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[^1] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        }

        private static void Flush(List<byte> bytes, List<string> decoded)
        {
            if (bytes.Count == 0)
                return;
            try
            {
                decoded.Add(StrictUtf8.GetString([.. bytes]));
            }
            catch (DecoderFallbackException)
            {
                decoded.AddRange(Enumerable.Repeat("\uFFFD", bytes.Count));
            }
            bytes.Clear();
        }
    }

    /// <summary>Tokens are words but for those with a prefix, which go on with the one before.</summary>
    internal sealed record WordPiece(string Prefix, bool CleansUp) : DecoderStep
    {
        public override List<string> Apply(List<string> tokens) => [.. tokens.Select((token, i) => CleansUp ? Cleaned(Joined(token, i)) : Joined(token, i))];

        private string Joined(string token, int index) =>
            index == 0 ? token : token.StartsWith(Prefix, StringComparison.Ordinal) ? token[Prefix.Length..] : $" {token}";

        private static string Cleaned(string token) => token
            .Replace(" .", ".").Replace(" ?", "?").Replace(" !", "!").Replace(" ,", ",").Replace(" ' ", "'").Replace(" n't", "n't")
            .Replace(" 'm", "'m").Replace(" do not", " don't").Replace(" 's", "'s").Replace(" 've", "'ve").Replace(" 're", "'re");
    }
}
