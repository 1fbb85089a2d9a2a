using System.Text;
using System.Text.Json;

namespace AltClip;

public sealed partial class XLMRobertaTokenizer
{
    internal const string JsonName = "tokenizer.json";
    internal const string SentencePieceName = "sentencepiece.bpe.model";
    internal const string ConfigName = "tokenizer_config.json";
    internal const string SpecialTokensName = "special_tokens_map.json";

    /// <summary>
    /// Reads the tokenizer of a checkpoint: <c>tokenizer.json</c>, or where there is none <c>sentencepiece.bpe.model</c>
    /// under the pipeline that the published <c>tokenizer.json</c> has; then, where they exist, <c>tokenizer_config.json</c> and
    /// <c>special_tokens_map.json</c>.
    /// </summary>
    /// <param name="folderOrId">The folder, or a model on the Hub: <c>owner/name</c> or <c>owner/name@revision</c>.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has neither file.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="InvalidDataException">A file is corrupt or not of this kind of tokenizer.</exception>
    public static XLMRobertaTokenizer FromPretrained(string folderOrId, string? revision = null, HubOptions? hub = null)
    {
        var folder = new PretrainedSource(folderOrId, revision, hub).Locate(HubFiles.Tokenizer);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        string[] present = [.. new[] { JsonName, SentencePieceName }.Where(name => File.Exists(Path.Combine(folder, name)))];
        if (present.Length == 0)
            throw new FileNotFoundException($"'{folder}' has no tokenizer: expected {JsonName} or {SentencePieceName}.", Path.Combine(folder, JsonName));

        string source = Path.Combine(folder, present[0]);
        byte[] bytes = File.ReadAllBytes(source);
        var files = new TokenizerFiles(source);
        files.Add(present[0], source, bytes);
        foreach (string name in present[1..])
            files.Add(name, Path.Combine(folder, name), read: null);
        byte[]? config = ReadOptional(ConfigName);
        byte[]? specialTokens = ReadOptional(SpecialTokensName);
        return Create(bytes, TokenizerSettings.Read(config, specialTokens, folder), files);

        byte[]? ReadOptional(string name)
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path))
                return null;
            byte[] read = File.ReadAllBytes(path);
            files.Add(name, path, read);
            return read;
        }
    }

    /// <summary>
    /// Reads a single file, <c>tokenizer.json</c> or a SentencePiece model, whatever its name; settings files beside it are not read.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is corrupt or not of this kind of tokenizer.</exception>
    public static XLMRobertaTokenizer FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no file '{path}'.", path);
        byte[] bytes = File.ReadAllBytes(path);
        var files = new TokenizerFiles(path);
        files.Add(IsJson(bytes) ? JsonName : SentencePieceName, path, bytes);
        return Create(bytes, TokenizerSettings.Default, files);
    }

    /// <summary>
    /// Reads <c>tokenizer.json</c> or a SentencePiece model from a stream, to its end. The bytes are kept for
    /// <see cref="SavePretrained"/>.
    /// </summary>
    /// <param name="stream">The stream; it stays open.</param>
    /// <exception cref="InvalidDataException">The bytes are corrupt or not of this kind of tokenizer.</exception>
    public static XLMRobertaTokenizer FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] bytes = ReadToEnd(stream);
        var files = new TokenizerFiles("the stream");
        files.Add(IsJson(bytes) ? JsonName : SentencePieceName, bytes);
        return Create(bytes, TokenizerSettings.Default, files);
    }

    /// <summary>
    /// Writes the files that the tokenizer was read from into a folder, which is made where it is missing; transformers reads them
    /// as well. Files of those names are replaced.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">A file is no longer where it was read.</exception>
    /// <exception cref="IOException">A file is no longer the one that was read, or the folder can't be written to.</exception>
    public void SavePretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _files.CopyTo(folder);
    }

    private static XLMRobertaTokenizer Create(byte[] bytes, TokenizerSettings settings, TokenizerFiles files)
    {
        try
        {
            TokenizerModel model = IsJson(bytes) ? TokenizerJsonReader.Read(bytes) : SentencePieceReader.Read(bytes);
            return new XLMRobertaTokenizer(model, settings, files);
        }
        // System.Text.Json reports a value of the wrong kind and text that is not Unicode as invalid operations
        catch (Exception e) when (e is JsonException or InvalidOperationException or InvalidDataException or DecoderFallbackException)
        {
            throw new InvalidDataException($"{files.Name}: {e.Message}", e);
        }
    }

    private static byte[] ReadToEnd(Stream stream)
    {
        if (stream.CanSeek)
        {
            var bytes = new byte[stream.Length - stream.Position];
            stream.ReadExactly(bytes);
            return bytes;
        }
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static bool IsJson(ReadOnlySpan<byte> bytes) => bytes.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
