using AltClip.Checkpoints;
using AltClip.Hub;
using static TorchSharp.torch;

namespace AltClip.Cli.Commands;

/// <summary>What <c>altclip info</c> says of a model's weights.</summary>
/// <param name="ParameterCount">All parameters.</param>
/// <param name="Parameters">The parameters of each part of the model: of both encoders and of what is round them.</param>
/// <param name="Dtypes">The types, the most frequent first.</param>
/// <param name="Files">The files.</param>
/// <param name="UnusedTensors">Tensors of the files that the model has no place for; they don't count above.</param>
internal sealed record WeightsReport(
    long ParameterCount, IReadOnlyDictionary<string, long> Parameters, IReadOnlyList<string> Dtypes, IReadOnlyList<WeightsFile> Files,
    IReadOnlyList<string> UnusedTensors)
{
    /// <summary>Reads the headers of weights files; null for those of a model of the Hub that isn't wholly in the cache.</summary>
    /// <exception cref="IOException">A folder has no weights, or they can't be read.</exception>
    public static async Task<WeightsReport?> ReadAsync(string folderOrId, CancellationToken cancellationToken)
    {
        if (await FolderAsync(folderOrId, cancellationToken) is not { } folder) return null;
        var info = CheckpointInfo.Read(folder);
        var unused = AltCLIPModel.Inspect(folder);
        var names = unused.UnexpectedTensors.Select(name => name.StartsWith(unused.NamePrefix, StringComparison.Ordinal) ? name[unused.NamePrefix.Length..] : name).ToHashSet();
        var used = info.Tensors.Where(tensor => !names.Contains(tensor.Name)).ToList();
        return new(
            used.Sum(tensor => tensor.ElementCount),
            used.GroupBy(tensor => tensor.Name.Split('.')[0]).ToDictionary(part => part.Key, part => part.Sum(tensor => tensor.ElementCount)),
            [.. used.GroupBy(tensor => tensor.DType).OrderByDescending(type => type.Sum(tensor => tensor.ElementCount)).Select(type => DtypeOption.NameOf(type.Key))],
            [.. info.Files.Select(WeightsFile.At)],
            unused.UnexpectedTensors);
    }

    /// <summary>The type that most of the numbers have.</summary>
    public static ScalarType DtypeOf(CheckpointInfo info) =>
        info.Tensors.GroupBy(tensor => tensor.DType).MaxBy(type => type.Sum(tensor => tensor.ElementCount))!.Key;

    private static async Task<string?> FolderAsync(string folderOrId, CancellationToken cancellationToken)
    {
        if (Path.Exists(folderOrId)) return folderOrId;
        try
        {
            return await new HubClient(new HubOptions { Offline = true }).DownloadAsync(folderOrId, cancellationToken: cancellationToken);
        }
        catch (HubException e) when (e.Error == HubError.Offline)
        {
            return null;
        }
    }
}

/// <summary>A file with weights.</summary>
internal sealed record WeightsFile(string Name, long Bytes)
{
    public static WeightsFile At(string path) => new(Path.GetFileName(path), new FileInfo(path).Length);

    /// <summary>The size for people.</summary>
    public string Size() => Bytes switch
    {
        >= 1_000_000_000 => $"{Bytes / 1e9:F2} GB",
        >= 1_000_000 => $"{Bytes / 1e6:F1} MB",
        _ => $"{Bytes / 1e3:F1} kB",
    };
}
