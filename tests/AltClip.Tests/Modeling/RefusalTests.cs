using Xunit;
using static TorchSharp.torch;

namespace AltClip.Tests;

/// <summary>Every bad argument is named, and nothing of the attempt stays alive.</summary>
[Collection(nameof(ProcessWide))]
public sealed class RefusalTests : IDisposable
{
    private readonly AltCLIPModel _model = ModelBuilder.Model();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void IdsOfWrongRank() => Refuses("input_ids", "[6]", () => _model.get_text_features(arange(6)));

    [Fact]
    public void IdsOfWrongType() => Refuses("input_ids", "Float32", () => _model.get_text_features(ones(2, 6)));

    [Fact]
    public void IdsOutsideTheVocabulary() => Refuses("input_ids", "vocab_size is 50", () => _model.get_text_features(ModelBuilder.Ids() + 40));

    [Fact]
    public void NegativeIds() => Refuses("input_ids", "-1", () => _model.get_text_features(full([1, 3], -1, dtype: int64)));

    [Fact]
    public void TextLongerThanThePositions() => Refuses("input_ids", "at most 10", () => _model.get_text_features(ModelBuilder.Ids(1, 11)));

    [Fact]
    public void PaddingMayBeLongerThanThePositions()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        _model.eval();
        var ids = cat([ModelBuilder.Ids(1, 10), ones(1, 5, dtype: int64)], 1);
        var padded = _model.get_text_features(ids, ids.ne(1).to(int64));
        Assert.True(padded.allclose(_model.get_text_features(ModelBuilder.Ids(1, 10)), atol: 1e-5));
    }

    [Fact]
    public void EmptyBatchOfTexts() => Refuses("input_ids", "empty", () => _model.get_text_features(zeros(0, 6, dtype: int64)));

    [Fact]
    public void EmptyBatchOfPictures() => Refuses("pixel_values", "empty", () => _model.get_image_features(zeros(0, 3, 16, 16)));

    [Fact]
    public void NeitherIdsNorEmbeddings() => Refuses("input_ids", "Neither", () => Text());

    [Fact]
    public void BothIdsAndEmbeddings() => Refuses("input_ids", "Both", () => Text(ModelBuilder.Ids(), inputs_embeds: ones(2, 6, 16)));

    [Fact]
    public void EmbeddingsOfAnotherWidth() => Refuses("inputs_embeds", "[2, 6, 8]", () => Text(inputs_embeds: ones(2, 6, 8)));

    [Fact]
    public void MaskOfAnotherSize() => Refuses("attention_mask", "[2, 5]", () => Text(ModelBuilder.Ids(), ones(2, 5)));

    [Fact]
    public void MaskOfWrongRank() => Refuses("attention_mask", "[2, 1, 6, 6]", () => Text(ModelBuilder.Ids(), ones(2, 1, 6, 6)));

    [Fact]
    public void TokenTypesOutsideTheirVocabulary() =>
        Refuses("token_type_ids", "type_vocab_size is 1", () => Text(ModelBuilder.Ids(), token_type_ids: ones(2, 6, dtype: int64)));

    [Fact]
    public void PositionsOutsideTheEmbedding() =>
        Refuses("position_ids", "max_position_embeddings is 12", () => Text(ModelBuilder.Ids(), position_ids: full([2, 6], 12, dtype: int64)));

    [Fact]
    public void HeadMaskOfAnotherSize() => Refuses("head_mask", "[3]", () => Text(ModelBuilder.Ids(), head_mask: ones(3)));

    [Fact]
    public void StatesForAModelWithoutCrossAttention() =>
        Refuses("encoder_hidden_states", "no cross-attention", () => Text(ModelBuilder.Ids(), encoder_hidden_states: ones(2, 3, 16)));

    [Fact]
    public void EmbeddingsOfWholeNumbers() =>
        Refuses("inputs_embeds", "Int64", () => Text(inputs_embeds: ones(2, 6, 16, dtype: int64)));

    [Fact]
    public void EncoderMaskOfAnotherSize()
    {
        var config = ModelBuilder.Config().TextConfig with { IsDecoder = true, AddCrossAttention = true };
        using var model = new AltCLIPTextModel(config);
        Refuses("encoder_attention_mask", "[2, 3, 7]", () => model.forward(
            ModelBuilder.Ids(), encoder_hidden_states: ones(2, 7, 16), encoder_attention_mask: ones(2, 3, 7)));
    }

    [Fact]
    public void MaskWithoutItsStates() =>
        Refuses("encoder_attention_mask", "without encoder_hidden_states", () => Text(ModelBuilder.Ids(), encoder_attention_mask: ones(2, 3)));

    [Fact]
    public void PicturesOfWrongRank() => Refuses("pixel_values", "[3, 16, 16]", () => _model.get_image_features(zeros(3, 16, 16)));

    [Fact]
    public void PicturesOfAnotherSize() => Refuses("pixel_values", "interpolate_pos_encoding", () => _model.get_image_features(zeros(1, 3, 24, 16)));

    [Fact]
    public void PicturesSmallerThanAPatch() =>
        Refuses("pixel_values", "one patch", () => _model.get_image_features(zeros(1, 3, 24, 7), interpolate_pos_encoding: true));

    [Fact]
    public void PicturesWithOtherChannels() => Refuses("pixel_values", "[1, 4, 16, 16]", () => _model.get_image_features(zeros(1, 4, 16, 16)));

    [Fact]
    public void PicturesOfWholeNumbers() => Refuses("pixel_values", "Byte", () => _model.get_image_features(zeros(1, 3, 16, 16, dtype: uint8)));

    [Fact]
    public void LossOfUnequalBatches() =>
        Refuses("return_loss", "2 texts and 3 pictures", () => _model.forward(ModelBuilder.Ids(2), ModelBuilder.Pixels(3), return_loss: true));

    [Fact]
    public void NullArguments()
    {
        Assert.Throws<ArgumentNullException>(() => _model.get_text_features(null!));
        Assert.Throws<ArgumentNullException>(() => _model.get_image_features(null!));
        Assert.Throws<ArgumentNullException>(() => new AltCLIPModel(null!));
    }

    [Fact]
    public void BadConfigurationIsRefusedBeforeBuilding() =>
        LiveTensors.AssertUnchanged(() => Assert.Throws<ConfigurationException>(() => new AltCLIPModel(new AltCLIPConfig { ProjectionDim = 0 })));

    private IDisposable Text(
        Tensor? input_ids = null, Tensor? attention_mask = null, Tensor? token_type_ids = null, Tensor? position_ids = null,
        Tensor? head_mask = null, Tensor? inputs_embeds = null, Tensor? encoder_hidden_states = null, Tensor? encoder_attention_mask = null) =>
        _model.text_model.forward(
            input_ids, attention_mask, token_type_ids, position_ids, head_mask, inputs_embeds, encoder_hidden_states, encoder_attention_mask);

    /// <summary>The arguments, made by the call itself, go with the scope; the refusal must leave nothing outside it.</summary>
    private static void Refuses(string argument, string found, Func<IDisposable> call) => LiveTensors.AssertUnchanged(() =>
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => { call(); });
        Assert.Equal(argument, error.ParamName);
        Assert.Contains(found, error.Message);
    });
}
