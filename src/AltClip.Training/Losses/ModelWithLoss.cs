using AltClip.Modeling.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Losses;

/// <summary>A model and a loss that has parameters of its own, to be trained as one. Both stay the caller's.</summary>
internal sealed class ModelWithLoss(nn.Module model, TrainingLoss loss) : nn.Module(nameof(ModelWithLoss))
{
    /// <summary>All parameters; none without those of the parts, because TorchSharp disposes with this what is its own.</summary>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        recurse ? model.named_parameters().Concat(loss.named_parameters().Select(p => ($"loss.{p.name}", p.parameter))) : [];

    public override IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(p => p.parameter);

    /// <summary>The model's modules too, those under an adapter included, for what a run sets on them.</summary>
    public override IEnumerable<nn.Module> modules() => LoraAdapter.ModulesUnder(model).Append(loss);

    public override void train(bool train = true)
    {
        base.train(train);
        model.train(train);
        loss.train(train);
    }

    public override void eval() => train(false);

    // TorchSharp would take every module in a field, and dispose it with this.
    protected override void RegisterComponents()
    {
    }
}
