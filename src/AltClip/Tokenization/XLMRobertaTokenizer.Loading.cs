using AltClip.Hub;
using AltClip.Shared;
using AltClip.Tokenization;

namespace AltClip;

public sealed partial class XLMRobertaTokenizer
{
    internal const string JsonName = "tokenizer.json";
    internal const string SentencePieceName = "sentencepiece.bpe.model";
    internal const string ConfigName = "tokenizer_config.json";
    internal const string SpecialTokensName = "special_tokens_map.json";
    internal const string AddedTokensName = "added_tokens.json";

    /// <summary>What a tokenizer is read from.</summary>
    internal static HubFileGroup[] Files { get; } =
    [
        new(true, [JsonName], [SentencePieceName]), HubFileGroup.Optional(ConfigName), HubFileGroup.Optional(SpecialTokensName),
        HubFileGroup.Optional(AddedTokensName),
    ];

    /// <summary>
    /// Reads the tokenizer of a checkpoint: <c>tokenizer.json</c>, or where there is none <c>sentencepiece.bpe.model</c>
    /// under the pipeline that the published <c>tokenizer.json</c> has; then, where they exist, <c>tokenizer_config.json</c> and,
    /// unless that has <c>added_tokens_decoder</c>, <c>special_tokens_map.json</c> and <c>added_tokens.json</c>.
    /// </summary>
    /// <param name="folderOrId">The folder, or a model on the Hub: <c>owner/name</c> or <c>owner/name@revision</c>.</param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <param name="subfolder">The folder within it that has the files, such as <c>tokenizer</c> of a pipeline; null for itself.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has neither file.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="TokenizerException">A file is corrupt or not of this kind of tokenizer.</exception>
    public static XLMRobertaTokenizer FromPretrained(
        string folderOrId, string? revision = null, HubOptions? hub = null, string? subfolder = null)
    {
        var folder = new PretrainedSource(folderOrId, revision, hub, subfolder).Locate(Files);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        string[] present = [.. new[] { JsonName, SentencePieceName }.Where(name => File.Exists(Path.Combine(folder, name)))];
        if (present.Length == 0)
            throw new FileNotFoundException($"'{folder}' has no tokenizer: expected {JsonName} or {SentencePieceName}.", Path.Combine(folder, JsonName));

        string source = Path.Combine(folder, present[0]);
        var files = new TokenizerFiles(source);
        foreach (string name in present)
            files.Add(name, Path.Combine(folder, name));
        foreach (string name in new[] { ConfigName, SpecialTokensName, AddedTokensName }.Where(name => File.Exists(Path.Combine(folder, name))))
            files.Add(name, Path.Combine(folder, name));
        return Create(files.Read(present[0])!, TokenizerSettings.Read(folder, files.Read, hasTokenizerJson: present[0] == JsonName), files);
    }

    /// <summary>
    /// Reads a single file, <c>tokenizer.json</c> or a SentencePiece model, whatever its name; settings files beside it are not read.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TokenizerException">The file is corrupt or not of this kind of tokenizer.</exception>
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
    /// <exception cref="TokenizerException">The bytes are corrupt or not of this kind of tokenizer.</exception>
    public static XLMRobertaTokenizer FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] bytes = ReadToEnd(stream);
        var files = new TokenizerFiles("the stream");
        files.Add(IsJson(bytes) ? JsonName : SentencePieceName, bytes);
        return Create(bytes, TokenizerSettings.Default, files);
    }

    /// <summary>
    /// Writes the files that the tokenizer was read from into a folder, which is made where it is missing, and beside a SentencePiece
    /// model the <c>tokenizer.json</c> that says the same: every transformers gives the same ids with it. So that each takes it as it
    /// is, <c>tokenizer_config.json</c> names the class <c>XLMRobertaTokenizerFast</c>. Files of those names are replaced, and an
    /// <c>added_tokens.json</c> or <c>special_tokens_map.json</c> of another tokenizer goes: it would be read as this one's.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">A file is no longer where it was read.</exception>
    /// <exception cref="IOException">A file is no longer the one that was read, or the folder can't be written to.</exception>
    public void SavePretrained(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        using var staged = new StagedFiles(isSoleWriter: true);
        Stage(folder, staged);
        staged.Commit();
    }

    /// <summary>The same, when <paramref name="staged"/> is committed.</summary>
    internal void Stage(string folder, StagedFiles staged)
    {
        List<(string, Action<Stream>)> written = [];
        if (!_files.Has(JsonName))
            written.Add((JsonName, stream => TokenizerJsonWriter.Write(stream, _model, _addedByContent.Values)));
        if (TokenizerConfigWriter.Write(_files.Has(ConfigName) ? _files.Read(ConfigName) : null) is { } config)
            written.Add((ConfigName, stream => stream.Write(config)));
        _files.Stage(folder, written, stale: [SpecialTokensName, AddedTokensName], staged);
    }

    private static XLMRobertaTokenizer Create(byte[] bytes, TokenizerSettings settings, TokenizerFiles files) =>
        NamedFile.Read(files.Name, (message, cause) => new TokenizerException(message, cause), () =>
        {
            if (FileKind.Of(bytes) is { } kind)
                throw new TokenizerException($"the file is {kind}.");
            TokenizerModel model = IsJson(bytes) ? TokenizerJsonReader.Read(bytes) : SentencePieceReader.Read(bytes);
            return new XLMRobertaTokenizer(model, settings, files);
        });

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
