using AltClip.Shared;

namespace AltClip.Checkpoints.PyTorch;

/// <summary>Finds the tensors by name in what a file holds: FlagAI's, Lightning's, DeepSpeed's and people's own trainers wrap them.</summary>
internal static class StateDict
{
    // open_clip and Lightning; many examples of PyTorch; DeepSpeed and FlagAI; the original Stable Diffusion and others.
    private static readonly string[] Wrappers = ["state_dict", "model_state_dict", "module", "model"];

    // Nobody wraps oftener; a file that holds itself would never end.
    private const int MostWrappers = 3;

    /// <exception cref="CheckpointException">There are no tensors by name, or there are several models'.</exception>
    public static PickleDictionary Find(object? root, string path)
    {
        if (root is PickledUnknown whole)
        {
            throw new CheckpointException(
                CheckpointError.ForbiddenGlobal, path,
                $"the file holds a whole object of '{Listing.Cut(whole.Name)}', which Python would have to run; nothing was. Expected tensors by name: torch.save(model.state_dict(), …).");
        }

        if (root is not PickleDictionary dictionary)
            throw Error($"the file holds a {KindOf(root)}; expected a dictionary of tensors by name.");

        for (int depth = 0; depth < MostWrappers; depth++)
        {
            var found = Wrapped(dictionary, MostWrappers - depth);
            if (found.Count > 1)
                throw Error($"the file has the weights of {found.Count} models, under {string.Join(" and ", found.Select(item => $"'{item.Key}'"))}; expected one, so save the one that is meant alone.");

            if (found.Count == 0)
                break;

            dictionary = found[0].Value;
        }

        return HasTensors(dictionary)
            ? dictionary
            : throw Error($"the file holds no tensors by name but {Contents(dictionary)}; expected a state_dict, alone or under {string.Join(", ", Wrappers)}.");

        CheckpointException Error(string message) => new(CheckpointError.NotAStateDict, path, message);
    }

    private static List<(string Key, PickleDictionary Value)> Wrapped(PickleDictionary dictionary, int depth)
    {
        List<(string, PickleDictionary)> found = [];
        foreach (string wrapper in Wrappers)
        {
            if (dictionary.LastOrDefault(item => item.Key is string key && key == wrapper).Value is PickleDictionary inner
                && (HasTensors(inner) || (depth > 1 && Wrapped(inner, depth - 1).Count > 0)))
                found.Add((wrapper, inner));
        }

        return found;
    }

    private static bool HasTensors(PickleDictionary dictionary) => dictionary.Any(item => item.Value is PickledTensor);

    private static string Contents(PickleDictionary dictionary) => dictionary.Count == 0
        ? "nothing"
        : Listing.Of([.. dictionary.Select(item => item.Value is PickledUnknown other ? $"'{item.Key}' (a whole '{other.Name}')" : $"'{item.Key}'")]);

    private static string KindOf(object? root) => root switch
    {
        null => "None",
        List<object?> => "list",
        object?[] => "tuple",
        PickledTensor => "tensor without a name",
        _ => root.GetType().Name,
    };
}
