using AltClip.Training.Teacher;

namespace AltClip.Training.Data;

/// <summary>Pictures with a caption each, ready for the model. Disposing it disposes the tensors.</summary>
public sealed class ImageTextBatch : IDisposable
{
    /// <summary>
    /// What the model takes: <c>model.forward(batch.Inputs, return_loss: true)</c>. Picture i belongs to text i; <see
    /// cref="AltCLIPInputs.SkippedImages"/>
    /// are those that could not be read and are in neither.
    /// </summary>
    public required AltCLIPInputs Inputs { get; init; }

    /// <summary>The captions that were chosen, one a row.</summary>
    public required IReadOnlyList<string> Captions { get; init; }

    /// <summary>For each row the place of its example in the data set.</summary>
    public required IReadOnlyList<long> Indices { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Inputs.Dispose();
}

/// <summary>Texts in any language for the student, with those for the teacher. Disposing it disposes the tensors.</summary>
public sealed class ParallelTextBatch : IDisposable
{
    /// <summary>The student's texts as the model takes them.</summary>
    public required AltCLIPInputs Inputs { get; init; }

    /// <summary>The pairs, one a row: the teacher's texts are their <see cref="ParallelText.Source"/>.</summary>
    public required IReadOnlyList<ParallelText> Texts { get; init; }

    /// <summary>For each row the place of its pair in the data set, by which to find stored <see cref="TeacherEmbeddings"/>.</summary>
    public required IReadOnlyList<long> Indices { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Inputs.Dispose();
}
