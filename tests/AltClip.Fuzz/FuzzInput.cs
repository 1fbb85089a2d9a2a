using AltClip.Fuzz.Mutation;

namespace AltClip.Fuzz;

/// <summary>One input: a seed's files, one of them changed. It follows from the run's seed, its target and its number alone.</summary>
internal sealed class FuzzInput : IDisposable
{
    private readonly FuzzSeed _seed;
    private readonly int _changed;

    /// <summary>Writes an input.</summary>
    public FuzzInput(FuzzTarget target, Random random)
    {
        Target = target;
        _seed = target.Seeds[random.Next(target.Seeds.Count)];
        // small files say how large ones are read, so each is as likely
        int[] files = [.. Enumerable.Range(0, _seed.Files.Count).Where(i => target.Changes?.Invoke(_seed.Files[i].Name) ?? true)];
        _changed = files[random.Next(files.Length)];
        var (name, content) = _seed.Files[_changed];
        var mutation = Mutator.Mutate(name, content, random);
        Members = mutation.Members;
        Bytes = mutation.Content.Length + _seed.Files.Sum(file => (long)file.Content.Length) - content.Length;
        _seed.Write(_changed, mutation.Content);
    }

    public FuzzTarget Target { get; }

    /// <summary>The folder with its files.</summary>
    public string Folder => _seed.Folder;

    /// <summary>The seed it was made from.</summary>
    public string Origin => _seed.Origin;

    /// <summary>The name of the file that was changed.</summary>
    public string Changed => _seed.Files[_changed].Name;

    /// <summary>The members one of which was changed, and those around and in it; null where the change is not of one member.</summary>
    public IReadOnlyCollection<string>? Members { get; }

    /// <summary>How many bytes all files have.</summary>
    public long Bytes { get; }

    /// <summary>Puts the seed's file back.</summary>
    public void Dispose() => _seed.PutBack(_changed);
}
