using System.IO.Enumeration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

/// <summary>
/// Low-rank adapters (LoRA, arXiv 2106.09685) on chosen layers of a model: they train in place of the model's own weights, are saved
/// alone in a small folder that Python's <c>peft</c> reads and writes too, and can be merged into the weights. While the adapter lives, the
/// model computes with it and its own parameters require no gradient.
/// </summary>
/// <example>
/// <code>
/// using var adapter = LoraAdapter.Attach(model, new LoraOptions { Rank = 8 });
/// using (var trainer = new Trainer(adapter, batch => model.forward(Inputs(batch), return_loss: true).Loss!, options)) trainer.Run();
/// adapter.SavePretrained("my-adapter");
/// adapter.Merge();
/// model.SavePretrained("merged-model");
/// </code>
/// </example>
public sealed partial class LoraAdapter : AltCLIPModule
{
    internal readonly ModuleList<LoraLayer> layers;

    private readonly List<Parameter> _frozen;

    private LoraAdapter(nn.Module model, LoraConfig config, IReadOnlyList<LoraLayer> adapted, WholeTensors whole) : base(nameof(LoraAdapter))
    {
        (Model, Config, Whole) = (model, config, whole);
        layers = new([.. adapted]);
        register_module(nameof(layers), layers); // and not the model, which stays the caller's
        _frozen = [.. model.parameters().Where(parameter => parameter.requires_grad)];
        foreach (var parameter in _frozen) parameter.requires_grad = false;
    }

    /// <summary>The model that it adapts, which stays the caller's.</summary>
    public nn.Module Model { get; }

    /// <summary>How it was made. A loaded adapter's layers may have ranks and alphas of their own.</summary>
    public LoraOptions Options => Config.Options;

    /// <summary>The names of the adapted layers.</summary>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public IReadOnlyList<string> LayerNames => [.. Layers.Select(layer => layer.Name)];

    /// <summary>Whether the adapter is in the model's weights now.</summary>
    public bool IsMerged { get; private set; }

    internal LoraConfig Config { get; }

    // Disposed it has none, and would do as one that changes nothing.
    private ModuleList<LoraLayer> Layers
    {
        get
        {
            ThrowIfDisposed();
            return layers;
        }
    }

    /// <summary>A model and all modules in it: those of the model under it if it is an adapter, which has none of its own.</summary>
    internal static IEnumerable<nn.Module> ModulesUnder(nn.Module model)
    {
        var root = model is LoraAdapter adapter ? adapter.Model : model;
        return root.modules().Prepend(root);
    }

    /// <summary>The model's parameters that have other values while the adapter is merged.</summary>
    internal IEnumerable<string> ChangedParameters => Whole.Parameters.Select(p => p.Name)
        .Concat(Layers.SelectMany(layer => layer.Layer.named_parameters(recurse: false).Select(p => $"{layer.Name}.{p.name}"))).Distinct();

    /// <summary>Tensors of the model that are the adapter's while it lives.</summary>
    internal WholeTensors Whole { get; }

    /// <summary>Adds adapters to a model. At first they change nothing.</summary>
    /// <param name="model">A model of this library, or a module that has one in it.</param>
    /// <param name="options">Which layers, and how.</param>
    /// <returns>The adapter, to be given to <c>Trainer</c> as the model; disposing it takes it off the model again.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or a target fits no linear layer.</exception>
    /// <exception cref="InvalidOperationException">A layer has an adapter already.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public static LoraAdapter Attach(nn.Module model, LoraOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (model as AltCLIPModule)?.ThrowIfDisposed();
        options ??= new LoraOptions();
        options.Validate();
        var linears = model.named_modules().Where(m => m.module is Linear).ToList();
        foreach (var target in options.Targets)
        {
            if (!linears.Any(linear => Fits(target, linear.name)))
            {
                throw new ArgumentException(
                    $"The target {target} fits no linear layer; there are {string.Join(", ", linears.Select(linear => LastPart(linear.name)).Distinct())}.",
                    nameof(LoraOptions.Targets));
            }
        }
        var targets = linears.Where(linear => options.Targets.Any(target => Fits(target, linear.name))).ToList();
        RefuseSecond(targets);
        var config = new LoraConfig { Options = options };
        var adapted = targets.Select(target => new LinearLora(target.name, (Linear)target.module, config.For(target.name))).ToList();
        foreach (var layer in adapted) layer.Initialize();
        var adapter = new LoraAdapter(model, config, adapted, WholeTensors.None(model));
        foreach (var layer in adapted) layer.Attach();
        return adapter;
    }

    /// <summary>
    /// Writes the adapter alone, as <c>peft</c> does: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>. <c>peft</c> finds
    /// the layers of a whole model whatever its version of transformers calls them.
    /// </summary>
    /// <param name="folder">The folder, which is made if it isn't there.</param>
    /// <exception cref="IOException">A file can't be written; what was there before is then still whole.</exception>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public void SavePretrained(string folder)
    {
        ThrowIfDisposed();
        // Merged, the biases that are the adapter's may have something added.
        var isMerged = IsMerged;
        Unmerge();
        try
        {
            LoraFiles.Save(folder, this);
        }
        finally
        {
            if (isMerged) Merge();
        }
    }

    /// <summary>Puts the adapter into the model's weights: computing then costs nothing more, and saving the model saves what it learned.</summary>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public void Merge()
    {
        foreach (var layer in Layers) layer.Merge();
        IsMerged = true;
    }

    /// <summary>
    /// Puts the adapter into the model's weights for good, and takes itself off: nothing of them is kept as it was, and the adapter is disposed.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public void MergeAndUnload()
    {
        Merge();
        foreach (var layer in layers) layer.Release();
        Whole.Forget();
        Dispose();
    }

    /// <summary>Takes the adapter out of the model's weights, which are then to the last bit as they were.</summary>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public void Unmerge()
    {
        foreach (var layer in Layers) layer.Unmerge();
        IsMerged = false;
    }

    /// <summary>The adapter's parameters by <c>peft</c>'s names without their prefix.</summary>
    /// <param name="recurse">Without effect: the adapter's own parameters are all in layers.</param>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        Layers.SelectMany(layer => layer.named_parameters().Select(p => ($"{layer.Name}.{p.name}", p.parameter)));

    /// <summary>The adapter's parameters; the model's are not among them.</summary>
    /// <param name="recurse">Without effect.</param>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public override IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters().Select(p => p.parameter);

    /// <summary>Sets adapter and model to training, or to evaluation.</summary>
    /// <param name="train">Whether to train.</param>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public override void train(bool train = true)
    {
        ThrowIfDisposed();
        base.train(train);
        Model.train(train);
    }

    /// <summary>Sets adapter and model to evaluation.</summary>
    /// <exception cref="ObjectDisposedException">The adapter is disposed.</exception>
    public override void eval() => train(false);

    /// <summary>Nothing: TorchSharp would take every module in a field, the model too.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Takes the adapter off the model, whose weights and trained parameters are then as before, if it isn't disposed itself.</summary>
    /// <param name="disposing">Whether <see cref="IDisposable.Dispose"/> was called.</param>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var layer in layers) layer.Unmerge();
            Whole.Restore();
            foreach (var layer in layers) layer.Detach();
            foreach (var parameter in _frozen.Where(parameter => !parameter.IsInvalid)) parameter.requires_grad = true;
            _frozen.Clear();
        }
        base.Dispose(disposing);
    }

    private static void RefuseSecond(IEnumerable<(string Name, nn.Module Layer)> targets)
    {
        if (targets.FirstOrDefault(target => LoraLayer.IsAttached(target.Layer)) is { Name: { } taken })
            throw new InvalidOperationException($"{taken} has an adapter already; dispose that one first, after merging and saving if it is to stay.");
    }

    private static bool Fits(string target, string name) => FileSystemName.MatchesSimpleExpression(target, name, ignoreCase: false);

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
