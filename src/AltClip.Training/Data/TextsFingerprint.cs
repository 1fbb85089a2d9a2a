using System.Security.Cryptography;
using System.Text;

namespace AltClip.Training.Data;

/// <summary>Tells lists of texts apart.</summary>
internal static class TextsFingerprint
{
    /// <summary>SHA-256 of the texts in UTF-16, each behind its length, in hexadecimal.</summary>
    public static string Of(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            hash.AppendData(BitConverter.GetBytes(text.Length));
            hash.AppendData(Encoding.Unicode.GetBytes(text));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
