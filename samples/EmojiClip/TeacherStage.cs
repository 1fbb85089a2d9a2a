using AltClip;
using AltClip.Modeling;
using static TorchSharp.torch;

namespace EmojiClip;

/// <summary>
/// Stage (b), the paper's first: the text encoder learns to embed a name in any language where the English teacher embedded the English
/// one. It starts from the teacher's weights, which keeps the English it knows.
/// </summary>
/// <param name="emoji">The emoji.</param>
/// <param name="captions">Draws what is learned.</param>
/// <param name="tokenizer">Reads it.</param>
/// <param name="teacher">The teacher's embeddings of the English names: [emoji, width].</param>
internal sealed class TeacherStage(EmojiSet emoji, Captions captions, XLMRobertaTokenizer tokenizer, Tensor teacher)
{
    private const int TextsPerStep = 512;

    /// <summary>Adds the gradients of a step.</summary>
    /// <returns>The step's loss.</returns>
    public double Backward(Replicas replicas, long step)
    {
        var random = new Random((int)step);
        var batch = TextBatch.Draw(random.GetDistinct([.. Enumerable.Range(0, emoji.Codes.Length)], TextsPerStep), captions.Draw, replicas.Count, random);
        return replicas.Backward(
            (i, replica) => batch.Embed(i, replica, tokenizer),
            (features, _) => Losses.TeacherLearning(features[0], teacher.index_select(0, tensor(batch.Emoji))));
    }
}
