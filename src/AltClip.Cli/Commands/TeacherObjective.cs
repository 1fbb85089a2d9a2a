using AltClip.Training.Data;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>Texts with translations: the text encoder learns to embed a translation where a teacher embeds the text.</summary>
internal sealed class TeacherObjective : TrainingObjective
{
    private readonly TrainingContext _context;
    private readonly TextTeacher _teacher;
    private readonly BatchLoader<ParallelText, ParallelTextBatch> _loader;

    /// <param name="context">What it is made for.</param>
    /// <param name="pairs">The texts with their translations.</param>
    /// <exception cref="UsageException">The teacher's embeddings are not as wide as the student's.</exception>
    public TeacherObjective(TrainingContext context, IReadOnlyList<ParallelText> pairs)
    {
        _context = context;
        _teacher = new TextTeacher(context.Settings.Teacher!, context.Settings.Device, context.Model);
        _loader = BatchLoader.ParallelText(pairs, context.Processor, context.Batches, context.Processing);
    }

    public override long BatchesPerEpoch => _loader.BatchesPerEpoch!.Value;

    public override IReadOnlyList<string> Frozen => TextTeacher.Frozen;

    public override Tensor Loss(long batch, CancellationToken cancellationToken)
    {
        using var texts = _loader.Get(batch, cancellationToken);
        return _teacher.Loss(texts.Inputs, texts.Texts);
    }

    public override ValidationRun Validation(ValidationRequest request) => new(_context, request, textsLoss: _teacher.Loss);

    public override void Dispose()
    {
        _loader.Dispose();
        _teacher.Dispose();
    }
}
