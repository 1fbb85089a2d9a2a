using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling;

/// <summary>The losses of the paper's two training stages (arXiv 2211.06679, section 3).</summary>
public static class Losses
{
    /// <summary>
    /// The contrastive loss of the second stage, as CLIP has it (arXiv 2103.00020) and transformers' <c>return_loss</c> gives: each text must
    /// find its picture among all, and each picture its text; the mean of both cross-entropies.
    /// </summary>
    /// <param name="logits_per_text">Scaled similarities, floating point [n, n]; text i belongs to picture i.</param>
    /// <returns>The loss, a scalar of the same type with a gradient; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The similarities aren't a square of floating-point numbers.</exception>
    public static Tensor Contrastive(Tensor logits_per_text)
    {
        ArgumentNullException.ThrowIfNull(logits_per_text);
        Check.Rank(logits_per_text, nameof(logits_per_text), "[n, n]", 2);
        Check.Shape(logits_per_text, nameof(logits_per_text), "[n, n]", logits_per_text.shape[0], logits_per_text.shape[0]);
        Check.FloatingPoint(logits_per_text, nameof(logits_per_text));
        using var scope = NewDisposeScope();
        var own = TensorNumbers.Arange(logits_per_text.shape[0], logits_per_text.device);
        var texts = nn.functional.cross_entropy(logits_per_text, own);
        var pictures = nn.functional.cross_entropy(logits_per_text.t(), own);
        return scope.MoveToOuter(texts.Plus(pictures).Over(2));
    }

    /// <summary>
    /// The teacher-learning loss of the first stage: the mean squared error between the student's embedding of a text and that of CLIP's
    /// text encoder, which may be of the same text in another language.
    /// </summary>
    /// <param name="student">
    /// The class token's <see cref="BaseModelOutputWithPoolingAndProjection.ProjectionState"/>, which is
    /// <see cref="BaseModelOutputWithPooling.PoolerOutput"/>: [texts, project_dim].
    /// </param>
    /// <param name="teacher">
    /// The embeddings of CLIP's text encoder, or embeddings stored before: floating point [texts, project_dim]. It gets no gradient,
    /// and is taken to the student's type and device.
    /// </param>
    /// <returns>The loss, a scalar of the student's type with a gradient; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The shapes differ or aren't [texts, project_dim], or the numbers aren't floating point.</exception>
    public static Tensor TeacherLearning(Tensor student, Tensor teacher)
    {
        ArgumentNullException.ThrowIfNull(student);
        ArgumentNullException.ThrowIfNull(teacher);
        Check.Rank(student, nameof(student), "[texts, project_dim]", 2);
        Check.FloatingPoint(student, nameof(student));
        Check.Shape(teacher, nameof(teacher), "[texts, project_dim]", student.shape[0], student.shape[1]);
        Check.FloatingPoint(teacher, nameof(teacher));
        using var scope = NewDisposeScope();
        return scope.MoveToOuter(nn.functional.mse_loss(student, teacher.detach().to(student.dtype, student.device)));
    }
}
