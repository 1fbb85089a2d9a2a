using AltClip.Checkpoints;
using AltClip.Shared;
using AltClip.Training.Data;
using static TorchSharp.torch;

namespace AltClip.Training.Teacher;

/// <summary>
/// A teacher's embeddings of a list of texts, computed once and stored as a safetensors file: the paper's first stage then runs without the
/// teacher. The file remembers the texts' fingerprint, so that rows and texts can't be mixed up.
/// </summary>
/// <example>
/// <code>
/// TeacherEmbeddings.Compute("teacher.safetensors", teacher, tokenizer, english);
/// using var stored = TeacherEmbeddings.Open("teacher.safetensors", english);
/// using var target = stored.Rows([3, 1, 4]);
/// using var loss = Losses.TeacherLearning(student.PoolerOutput, target);
/// </code>
/// </example>
public sealed class TeacherEmbeddings : IDisposable
{
    private const string TensorName = "text_embeds";
    private const string FingerprintName = "texts_sha256";

    private readonly Tensor _embeddings;

    private TeacherEmbeddings(Tensor embeddings) => _embeddings = embeddings;

    /// <summary>How many texts there are.</summary>
    public long Count => _embeddings.shape[0];

    /// <summary>The width of an embedding, which a student's <see cref="AltCLIPTextConfig.ProjectDim"/> must be.</summary>
    public long Width => _embeddings.shape[1];

    /// <summary>Embeds texts at once, for who stores nothing: a batch's, while it trains.</summary>
    /// <param name="teacher">The teacher.</param>
    /// <param name="tokenizer">Its tokenizer; texts are cut to the length that the teacher takes.</param>
    /// <param name="texts">The texts, at least one.</param>
    /// <returns>The embeddings [texts, projection_dim], not normalised and without a gradient, where the teacher is and in its type; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">There are no texts, one is null, or the tokenizer has ids that the teacher doesn't know.</exception>
    public static Tensor Embed(CLIPTextModelWithProjection teacher, CLIPTokenizer tokenizer, IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(tokenizer);
        Check.Items(texts, nameof(texts), "text");
        return EmbedBatch(teacher, tokenizer, texts);
    }

    /// <summary>Embeds texts and writes the embeddings, row i for text i, in the type of the teacher's weights.</summary>
    /// <param name="path">The file, written beside under another name and then moved.</param>
    /// <param name="teacher">The teacher.</param>
    /// <param name="tokenizer">Its tokenizer; texts are cut to the length that the teacher takes.</param>
    /// <param name="texts">The texts, at least one.</param>
    /// <param name="batchSize">How many texts go through the teacher at once.</param>
    /// <param name="progress">Told how many texts are done after each batch.</param>
    /// <param name="cancellationToken">Stops between batches; nothing is written then.</param>
    /// <exception cref="ArgumentException">There are no texts, one is null, or the tokenizer has ids that the teacher doesn't know.</exception>
    /// <exception cref="IOException">The file can't be written; nothing is left of it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Compute(
        string path, CLIPTextModelWithProjection teacher, CLIPTokenizer tokenizer, IReadOnlyList<string> texts, int batchSize = 256,
        IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        Check.Items(texts, nameof(texts), "text");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var parts = new List<Tensor>();
        for (var start = 0; start < texts.Count; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            parts.Add(EmbedBatch(teacher, tokenizer, [.. texts.Skip(start).Take(batchSize)]));
            progress?.Report(Math.Min(start + batchSize, texts.Count));
        }
        SafeTensors.Save(
            path, new Dictionary<string, Tensor> { [TensorName] = cat(parts) },
            new Dictionary<string, string> { ["format"] = "pt", [FingerprintName] = TextsFingerprint.Of(texts) });
    }

    /// <summary>Opens stored embeddings; they are mapped from the file and not read as a whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="texts">The texts that they must be of, in the same order.</param>
    /// <returns>The embeddings, which the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is malformed.</exception>
    /// <exception cref="DataSetException">The file holds no embeddings, or those of other texts.</exception>
    public static TeacherEmbeddings Open(string path, IReadOnlyList<string> texts)
    {
        Check.Items(texts, nameof(texts), "text");
        using var file = SafeTensors.Open(path);
        if (!file.Names.Contains(TensorName) || file.Describe(TensorName).Shape.Count != 2)
            throw new DataSetException(path, $"no matrix {TensorName}; expected embeddings that {nameof(TeacherEmbeddings)} wrote.");
        var rows = file.Describe(TensorName).Shape[0];
        if (rows != texts.Count || file.Metadata.GetValueOrDefault(FingerprintName) != TextsFingerprint.Of(texts))
            throw new DataSetException(path, $"the embeddings of {rows} other texts; expected those of the {texts.Count} given.");
        return new TeacherEmbeddings(file[TensorName].DetachFromDisposeScope());
    }

    /// <summary>The embeddings of some texts.</summary>
    /// <param name="rows">The texts' places in the list, each at least 0 and below <see cref="Count"/>.</param>
    /// <returns>A new tensor on the CPU [rows, width], in the stored type; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">There are no rows, or one is out of range.</exception>
    public Tensor Rows(ReadOnlySpan<long> rows)
    {
        if (rows.IsEmpty) throw new ArgumentException("There are no rows; expected one at least.", nameof(rows));
        foreach (var row in rows)
        {
            if (row < 0 || row >= Count) throw new ArgumentException($"Row {row} is outside 0..{Count - 1}.", nameof(rows));
        }
        using var index = tensor(rows.ToArray(), device: CPU);
        return _embeddings.index_select(0, index);
    }

    /// <summary>Lets go of the file.</summary>
    public void Dispose() => _embeddings.Dispose();

    private static Tensor EmbedBatch(CLIPTextModelWithProjection teacher, CLIPTokenizer tokenizer, IReadOnlyList<string> texts)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var device = teacher.text_projection.weight!.device;
        var inputs = tokenizer.Encode(texts, maxLength: Math.Min(CLIPTokenizer.ModelMaxLength, teacher.Config.MaxPositionEmbeddings)).ToTensors(device);
        return scope.MoveToOuter(teacher.forward(inputs["input_ids"], inputs["attention_mask"]).TextEmbeds);
    }
}
