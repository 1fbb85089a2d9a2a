using AltClip.Checkpoints;
using AltClip.Modeling.Adapters;
using AltClip.Shared;

namespace AltClip.Modeling;

/// <summary>Base of the models that have checkpoints of their own.</summary>
public abstract class AltCLIPPreTrainedModel : AltCLIPModule
{
    private protected AltCLIPPreTrainedModel(string name) : base(name)
    {
    }

    /// <summary>
    /// What loading found in the file that the model has no place for; null for a model that was not loaded, and for a part of another.
    /// </summary>
    public LoadReport? LoadReport { get; internal set; }

    /// <summary>The configuration as <c>config.json</c> has it.</summary>
    private protected abstract string ConfigJson { get; }

    /// <summary>The class that Python has for it.</summary>
    private protected virtual string Architecture => GetType().Name;

    /// <summary>Writes <c>config.json</c> and the weights as safetensors, as transformers reads them.</summary>
    /// <param name="folder">The folder, which is made if it isn't there.</param>
    /// <param name="maxShardSize">The most bytes of one weights file; a larger model is written in shards with an index.</param>
    /// <exception cref="IOException">A file can't be written; what was there before is then still whole.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="InvalidOperationException">The model has a <see cref="LoraAdapter"/> that isn't merged.</exception>
    public void SavePretrained(string folder, long maxShardSize = Pretrained.DefaultShardSize) =>
        SavePretrained(folder, maxShardSize, first: null, CancellationToken.None);

    /// <summary>The same, which may be stopped; the folder then has what it had.</summary>
    /// <param name="folder">The folder, which is made if it isn't there.</param>
    /// <param name="maxShardSize">The most bytes of one weights file.</param>
    /// <param name="first">Files that go with the model, which are moved with its own when those are written.</param>
    /// <param name="cancellationToken">Stops before any is moved.</param>
    internal void SavePretrained(string folder, long maxShardSize, StagedFiles? first, CancellationToken cancellationToken) =>
        Pretrained.Save(this, Architecture, ConfigJson, folder, maxShardSize, first, cancellationToken);

    /// <summary>Writes <c>config.json</c> and the weights as safetensors, as transformers reads them, with a size of shards as it is written there.</summary>
    /// <param name="folder">The folder, which is made if it isn't there.</param>
    /// <param name="maxShardSize">The most bytes of one weights file with their unit, such as <c>"200MB"</c> or <c>"4GiB"</c>.</param>
    /// <exception cref="FormatException">The size is no number with a unit.</exception>
    /// <exception cref="IOException">A file can't be written; what was there before is then still whole.</exception>
    /// <exception cref="ObjectDisposedException">The model is disposed.</exception>
    /// <exception cref="InvalidOperationException">The model has a <see cref="LoraAdapter"/> that isn't merged.</exception>
    public void SavePretrained(string folder, string maxShardSize) => SavePretrained(folder, ShardSize.Parse(maxShardSize));
}
