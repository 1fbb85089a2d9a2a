using AltClip.Hub;
using AltClip.Modeling;
using AltClip.Training.Data;
using AltClip.Training.Teacher;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>A CLIP model's text encoder from which AltCLIP's learns.</summary>
internal sealed class TextTeacher : IDisposable
{
    /// <summary>What has no part in it: the text encoder learns up to its pooled output.</summary>
    public static readonly string[] Frozen = ["vision_model.*", "visual_projection.*", "text_projection.*", "logit_scale"];

    /// <summary>The files that it is read from.</summary>
    public static readonly IReadOnlyList<HubFileGroup> Files = [.. Pretrained.Files(), .. CLIPVocabulary.Files];

    private readonly CLIPTextModelWithProjection _model;
    private readonly CLIPTokenizer _tokenizer;
    private readonly AltCLIPTextModel _student;

    /// <param name="folder">The teacher's folder.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="student">The model whose text encoder learns; it stays the caller's.</param>
    /// <exception cref="UsageException">Its embeddings are not as wide as the student's.</exception>
    public TextTeacher(string folder, Device? device, AltCLIPModel student)
    {
        _tokenizer = CLIPTokenizer.FromPretrained(folder);
        _model = CLIPTextModelWithProjection.FromPretrained(folder, device: device);
        _student = student.text_model;
        if (_model.Config.ProjectionDim == student.Config.TextConfig.ProjectDim) return;
        _model.Dispose();
        throw new UsageException(
            $"--teacher: {folder} embeds texts in {_model.Config.ProjectionDim} numbers (projection_dim), but the model's text encoder in {student.Config.TextConfig.ProjectDim} (project_dim).");
    }

    /// <summary>The mean square of what the student's pooled output is off.</summary>
    /// <param name="texts">The translations, as the student has them.</param>
    /// <param name="pairs">The same with the texts that the teacher embeds.</param>
    public Tensor Loss(AltCLIPInputs texts, IReadOnlyList<ParallelText> pairs)
    {
        using var scope = NewDisposeScope();
        var goal = TeacherEmbeddings.Embed(_model, _tokenizer, [.. pairs.Select(pair => pair.Source)]);
        return scope.MoveToOuter(Losses.TeacherLearning(_student.forward(texts.InputIds, texts.AttentionMask).PoolerOutput, goal));
    }

    public void Dispose() => _model.Dispose();
}
