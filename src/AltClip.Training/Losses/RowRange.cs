using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>Some consecutive rows of a batch, always the same ones of every tensor.</summary>
internal readonly record struct RowRange(long Start, long End)
{
    /// <summary>A view of the rows; a tensor with a single row counts for every row.</summary>
    public Tensor Of(Tensor batch) => batch.shape[0] == 1 ? batch.alias() : batch.slice(0, Start, End, 1);

    public Tensor? OfOptional(Tensor? batch) => batch is null ? null : Of(batch);
}
