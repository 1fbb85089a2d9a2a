using System.Text.RegularExpressions;
using AltClip.Hub;
using AltClip.Shared;
using static TorchSharp.torch;

namespace AltClip.Modeling.Adapters;

public sealed partial class LoraAdapter
{
    /// <summary>
    /// Adds a saved adapter to a model: this library's, or LoRA of <c>peft</c> with all that changes what it computes - ranks and alphas of
    /// their own for some layers, rsLoRA, DoRA, biases, whole modules, embeddings and the patches' convolution, PiSSA and OLoRA, which take
    /// something out of the model's weights while the adapter lives. What isn't computed is refused, and so is a field of the configuration
    /// that isn't known here and is set.
    /// </summary>
    /// <param name="model">
    /// The model; of any weights, but its layers must have the sizes of those it was trained on, and the names of any version of transformers. An
    /// adapter of one tower fits the tower and the whole model.
    /// </param>
    /// <param name="folderOrId">
    /// A folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c> or <c>adapter_model.bin</c>; or an adapter on the Hub,
    /// <c>owner/name</c> or <c>owner/name@revision</c>.
    /// </param>
    /// <param name="revision">The branch, tag or commit of a model on the Hub; <c>main</c> if null.</param>
    /// <param name="hub">Where models come from and are kept; null for what the environment variables of <c>huggingface_hub</c> say.</param>
    /// <exception cref="IOException">A file is missing.</exception>
    /// <exception cref="HubException">A file can't be had from the Hub.</exception>
    /// <exception cref="ConfigurationException">The configuration can't be read, or asks for what is not supported; the message names every field, what it is
    /// and what was expected.</exception>
    /// <exception cref="CheckpointException">The weights don't fit the model or the configuration's rank; the message names every one.</exception>
    /// <exception cref="InvalidOperationException">A layer has an adapter already.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    public static LoraAdapter FromPretrained(nn.Module model, string folderOrId, string? revision = null, HubOptions? hub = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (model as AltCLIPModule)?.ThrowIfDisposed();
        var folder = new PretrainedSource(folderOrId, revision, hub).Locate(LoraFiles.Files);
        var (config, weights) = LoraFiles.Open(folder);
        using var file = weights;
        using var contents = NamedPatterns(folder, () => new LoraContents(file, model, config));
        RefuseSecond(contents.Layers.Select(layer => (layer.Name, layer.Layer)));
        var whole = contents.Whole;
        var adapter = new LoraAdapter(model, config, contents.Fill(), whole);
        try
        {
            foreach (var layer in adapter.layers) layer.Attach();
            whole.Apply(file);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Puts saved adapters into a model's weights for good. Several are summed: to each weight is added what each adapter alone would change
    /// of it, times its factor. Of plain LoRA that is what <c>peft</c> calls the combination <c>cat</c>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="adapters">The adapters, in any order; none leaves the model as it is.</param>
    /// <exception cref="ArgumentException">An adapter has no name, or its factor isn't finite.</exception>
    /// <inheritdoc cref="FromPretrained" path="/exception"/>
    public static void MergePretrained(nn.Module model, params IReadOnlyList<AdapterSource> adapters)
    {
        ArgumentNullException.ThrowIfNull(model);
        (model as AltCLIPModule)?.ThrowIfDisposed();
        ArgumentNullException.ThrowIfNull(adapters);
        if (adapters.Count > 0) Check.Items(adapters, nameof(adapters), "adapter");
        foreach (var adapter in adapters) adapter.Validate();
        if (adapters is [{ Weight: 1 } only])
        {
            Load(only).MergeAndUnload();
            return;
        }
        using var sum = new AdapterSum();
        foreach (var source in adapters)
        {
            using var adapter = Load(source);
            sum.Add(adapter, source.Weight);
        }
        sum.AddTo(model);

        LoraAdapter Load(AdapterSource source) => FromPretrained(model, source.FolderOrId, source.Revision, source.Hub);
    }

    private static LoraContents NamedPatterns(string folder, Func<LoraContents> read)
    {
        try
        {
            return read();
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new ConfigurationException($"'{Path.Combine(folder, LoraConfigFile.Name)}': the key {e.Pattern} of rank_pattern or alpha_pattern takes too long to be compared.", e);
        }
    }
}
