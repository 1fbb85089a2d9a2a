namespace AltClip;

/// <summary>The files that the parts of a model are read from, in the order in which their readers prefer them.</summary>
internal static class HubFiles
{
    public static HubFileGroup[] Config { get; } = [new(true, [ConfigFile.Name])];

    public static HubFileGroup[] Model { get; } = [.. Config, new(true, [.. CheckpointFiles.Names.Select(name => new[] { name })])];

    public static HubFileGroup[] Tokenizer { get; } =
    [
        new(true, [XLMRobertaTokenizer.JsonName], [XLMRobertaTokenizer.SentencePieceName]),
        HubFileGroup.Optional(XLMRobertaTokenizer.ConfigName), HubFileGroup.Optional(XLMRobertaTokenizer.SpecialTokensName),
        HubFileGroup.Optional(XLMRobertaTokenizer.AddedTokensName),
    ];

    public static HubFileGroup[] ImageProcessor { get; } =
    [
        HubFileGroup.Optional(CLIPImageProcessor.ProcessorFileName),
        new(true, [CLIPImageProcessor.FileName], [CLIPImageProcessor.ProcessorFileName]),
    ];

    public static HubFileGroup[] Processor { get; } = [.. Tokenizer, .. ImageProcessor];

    public static HubFileGroup[] Pipeline { get; } = [.. Model, .. Processor];

    public static HubFileGroup[] ClipTokenizer { get; } =
        [new(true, [CLIPVocabulary.JsonName], [CLIPVocabulary.VocabularyName, CLIPVocabulary.MergesName])];

    public static HubFileGroup[] Lora { get; } = [new(true, [LoraConfigFile.Name, LoraFiles.WeightsName])];
}
