using System.Globalization;
using AltClip.Checkpoints;
using AltClip.Shared;
using AltClip.Training.Distributed;
using AltClip.Training.Optimization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training;

/// <summary>All that a training run must remember, in one safetensors file: weights, AdamW's state and the number of steps.</summary>
internal sealed class TrainingCheckpoint
{
    private const string StepKey = "step";
    private const string BestKey = "best_evaluation";
    private const string SinceBestKey = "evaluations_since_best";
    private const string SettingKey = "setting.";

    private readonly Dictionary<string, Tensor> _tensors;
    private readonly List<(string Name, AdamW.State State)> _states;
    private readonly IReadOnlyDictionary<string, string> _settings;

    public TrainingCheckpoint(
        nn.Module model, AdamW optimizer, IReadOnlyList<Parameter> trained, WeightAverage? average, IReadOnlyDictionary<string, string> settings)
    {
        _settings = settings;
        var names = model.named_parameters().ToDictionary(p => p.parameter.Handle, p => p.name);
        _states = [.. optimizer.state_dict().State.Zip(trained, (state, parameter) => (names[parameter.Handle], (AdamW.State)state))];
        _tensors = model.named_parameters().ToDictionary(p => "model." + p.name, p => (Tensor)p.parameter);
        foreach (var (name, state) in _states)
        {
            _tensors.Add("exp_avg." + name, state.exp_avg);
            _tensors.Add("exp_avg_sq." + name, state.exp_avg_sq);
        }
        foreach (var (name, tensor) in average?.Tensors ?? []) _tensors.Add("average." + name, tensor);
    }

    /// <summary>Makes the folder of a checkpoint, and finds out what is wrong with its name before the steps that would be lost.</summary>
    /// <exception cref="IOException">The folder can't be made, or the file is a folder.</exception>
    public static void Prepare(string path)
    {
        if (Path.EndsInDirectorySeparator(path)) throw new IOException($"{path} is a folder; expected a file.");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        OutputFile.At(path);
        StagedFiles.DeleteLeftOver(path);
    }

    public void Save(string path, long step, TrainingEvaluations evaluations)
    {
        var metadata = _states.ToDictionary(s => StepKey + "." + s.Name, s => Text(s.State.step));
        metadata[StepKey] = Text(step);
        if (evaluations.Best is { } best) metadata[BestKey] = best.ToString("R", CultureInfo.InvariantCulture);
        metadata[SinceBestKey] = Text(evaluations.SinceBest);
        foreach (var (name, value) in _settings) metadata[SettingKey + name] = value;
        SafeTensors.Save(path, _tensors, metadata);
    }

    /// <summary>Takes everything from the file.</summary>
    /// <returns>The number of steps, and the evaluations.</returns>
    /// <exception cref="CheckpointException">It is not such a file, or not of this run; nothing was changed.</exception>
    /// <exception cref="TrainingSettingsException">It is of a run with other settings, and those are asked for; nothing was changed.</exception>
    public (long Step, TrainingEvaluations Evaluations) Load(string path, bool anySettings)
    {
        using var file = SafeTensors.Open(path);
        if (!anySettings) RefuseOtherSettings(path, file.Metadata);
        List<string> problems =
        [
            .. _tensors.Keys.Except(file.Names).Select(name => $"missing: {name}"),
            .. file.Names.Except(_tensors.Keys).Select(name => $"unexpected: {name}"),
            .. _tensors.Where(p => file.Names.Contains(p.Key) && Problem(file.Describe(p.Key), p.Value) is not null)
                .Select(p => Problem(file.Describe(p.Key), p.Value)!),
            .. _states.Select(s => StepKey + "." + s.Name).Append(StepKey).Append(SinceBestKey).Where(key => Count(file.Metadata, key) is null)
                .Append(BestKey).Where(key => key != BestKey || (file.Metadata.TryGetValue(key, out var text) && !double.TryParse(text, CultureInfo.InvariantCulture, out _)))
                .Select(key => $"no number in the metadata: {key}"),
        ];
        if (problems.Count > 0) throw CheckpointException.StateMismatch(path, problems);

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, tensor) in _tensors) tensor.copy_(file[name]);
        foreach (var (name, state) in _states) state.step = Count(file.Metadata, StepKey + "." + name)!.Value;
        double? best = file.Metadata.TryGetValue(BestKey, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : null;
        return (Count(file.Metadata, StepKey)!.Value, new TrainingEvaluations(best, (int)Count(file.Metadata, SinceBestKey)!.Value));
    }

    /// <summary>A checkpoint without any settings, of a run that had none to tell, is taken.</summary>
    private void RefuseOtherSettings(string path, IReadOnlyDictionary<string, string> metadata)
    {
        var before = metadata.Where(p => p.Key.StartsWith(SettingKey, StringComparison.Ordinal)).ToDictionary(p => p.Key[SettingKey.Length..], p => p.Value);
        if (before.Count == 0) return;
        var differences = before.Keys.Union(_settings.Keys).Order(StringComparer.Ordinal)
            .Select(name => new TrainingSettingDifference(name, before.GetValueOrDefault(name), _settings.GetValueOrDefault(name)))
            .Where(setting => setting.Before != setting.Now).ToList();
        if (differences.Count > 0) throw new TrainingSettingsException(path, differences);
    }

    /// <summary>All tensors, by their names in the file.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Gives all processes everything of rank 0.</summary>
    /// <returns>Rank 0's number of steps, and its evaluations.</returns>
    public (long Step, TrainingEvaluations Evaluations) Share(Replicas replicas, long step, TrainingEvaluations evaluations)
    {
        var numbers = replicas.Broadcast(
            [step, evaluations.Best ?? 0, evaluations.Best is null ? 0 : 1, evaluations.SinceBest, .. _states.Select(s => (double)s.State.step)]);
        replicas.Broadcast(_tensors.Values);
        for (var i = 0; i < _states.Count; i++) _states[i].State.step = (long)numbers[4 + i];
        return ((long)numbers[0], new TrainingEvaluations(numbers[2] == 0 ? null : numbers[1], (int)numbers[3]));
    }

    private static string? Problem(SafeTensorInfo found, Tensor expected) =>
        found.DType == expected.dtype && found.Shape.SequenceEqual(expected.shape) ? null
            : $"{found.Name} is {found.DType} [{string.Join(", ", found.Shape)}]; expected {expected.dtype} {Check.Text(expected.shape)}";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number of steps or evaluations; null where the file has none. Runs that don't evaluate may not have that of evaluations.</summary>
    private static long? Count(IReadOnlyDictionary<string, string> metadata, string key) =>
        long.TryParse(metadata.GetValueOrDefault(key, key == SinceBestKey ? "0" : ""), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && (key != SinceBestKey || count <= int.MaxValue) ? count : null;
}
