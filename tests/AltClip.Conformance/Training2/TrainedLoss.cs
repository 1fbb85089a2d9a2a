using System.Text.Json.Nodes;
using AltClip.Training.Distributed;
using AltClip.Training.Losses;
using AltClip.Training.Teacher;
using static TorchSharp.torch;

namespace AltClip.Conformance.Training2;

/// <summary>A model in train mode with the loss of a case.</summary>
internal sealed class TrainedLoss : IDisposable
{
    private readonly PairBatches _batches;
    private readonly bool _isTeacher;

    /// <param name="test">The case.</param>
    /// <param name="checkpoint">The model's folder, if it isn't the case's.</param>
    /// <param name="group">The processes that train together, if there are several; each has its part of every batch.</param>
    /// <param name="local">Whether each of them compares its own pairs only with all.</param>
    /// <param name="fault">What a test puts in place of the loss of all processes' pairs, which it is given.</param>
    public TrainedLoss(
        Training2Case test, string? checkpoint = null, ProcessGroup? group = null, bool local = false, Func<TrainingLoss, TrainingLoss>? fault = null)
    {
        var name = (string)test.Options["loss"]!;
        _batches = new PairBatches(test, group?.Rank ?? 0, group?.WorldSize ?? 1);
        _isTeacher = name == "teacher";
        Model = AltCLIPModel.FromPretrained(checkpoint ?? test.Checkpoint);
        Loss = TrainingLosses.All.Create(_isTeacher ? ContrastiveLoss.Name : name);
        Compared = group is null ? Loss : new GatheredLoss(Loss, group, local);
        if (fault is not null) Compared = fault(Compared);
        Model.train();
        Begin(test.Options["init"]!.AsObject());
        Trained = Loss.TrainedWith(Model);
        if (_isTeacher) CheckTeacher(test);
    }

    public AltCLIPModel Model { get; }

    public TrainingLoss Loss { get; }

    /// <summary>The loss of all processes' pairs; of one process, the loss itself.</summary>
    public TrainingLoss Compared { get; }

    /// <summary>What trains: the model, with the loss's parameters if it has any.</summary>
    public nn.Module Trained { get; }

    /// <summary>All parameters by the reference's names.</summary>
    public Dictionary<string, Tensor> Parameters =>
        Trained.named_parameters().ToDictionary(p => ReferenceName(p.name), p => (Tensor)p.parameter);

    /// <summary>The loss of some batches as one.</summary>
    /// <param name="dropMask">Whether padding is attended to, as it must not be.</param>
    /// <param name="numbers">The batches.</param>
    public Tensor Of(int[] numbers, bool dropMask = false)
    {
        if (_isTeacher)
            return Modeling.Losses.TeacherLearning(Model.text_model.forward(_batches.Ids(numbers), Mask(numbers, dropMask)).PoolerOutput, _batches.Teacher(numbers));
        var output = Forward(numbers, dropMask);
        return Compared.forward(output.ImageEmbeds, output.TextEmbeds, Model.logit_scale);
    }

    /// <summary>What the model makes of some batches as one.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    public AltCLIPOutput Forward(int[] numbers, bool dropMask = false) => Model.forward(_batches.Ids(numbers), _batches.Pixels(numbers), Mask(numbers, dropMask));

    /// <summary>The same by gradient caching, with the gradients added.</summary>
    public Tensor Cached(int[] numbers, int chunk) =>
        GradientCache.Backward(Model, Loss, _batches.Ids(numbers), _batches.Pixels(numbers), chunk, _batches.Mask(numbers));

    public static string ReferenceName(string name) => name.StartsWith("loss.", StringComparison.Ordinal) ? name["loss.".Length..] : name;

    public void Dispose()
    {
        if (!ReferenceEquals(Trained, Model)) Trained.Dispose();
        if (!ReferenceEquals(Compared, Loss)) Compared.Dispose();
        Loss.Dispose();
        Model.Dispose();
    }

    private Tensor? Mask(int[] numbers, bool drop) => drop ? null : _batches.Mask(numbers);

    private void Begin(JsonObject values)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (name, value) in values)
        {
            var parameter = name == "logit_scale" ? Model.logit_scale : Loss.named_parameters().Single(p => p.name == name).parameter;
            parameter.fill_((double)value!);
        }
    }

    private void CheckTeacher(Training2Case test)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var teacher = CLIPTextModelWithProjection.FromPretrained(test.Teacher);
        teacher.eval();
        int[] first = [0];
        using var output = teacher.forward(_batches.Joined("teacher_input_ids", first), _batches.Joined("teacher_attention_mask", first));
        Compare.Close("teacher", output.TextEmbeds, _batches.Teacher(first));
    }
}
