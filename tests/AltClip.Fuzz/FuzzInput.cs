using AltClip.Fuzz.Mutation;

namespace AltClip.Fuzz;

/// <summary>One input: a seed's files in a folder, one of them changed. It follows from the seed and its number alone.</summary>
internal sealed class FuzzInput
{
    private FuzzInput(FuzzTarget target, string origin, string changed, long bytes) =>
        (Target, Origin, Changed, Bytes) = (target, origin, changed, bytes);

    public FuzzTarget Target { get; }

    /// <summary>The seed it was made from.</summary>
    public string Origin { get; }

    /// <summary>The name of the file that was changed.</summary>
    public string Changed { get; }

    /// <summary>How many bytes all files have.</summary>
    public long Bytes { get; }

    /// <summary>Writes an input into a folder, in place of what is there.</summary>
    public static FuzzInput Write(FuzzTarget target, string folder, Random random)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        var seed = target.Seeds[random.Next(target.Seeds.Count)];
        string[] files = Directory.Exists(seed) ? [.. Directory.GetFiles(seed).Order(StringComparer.Ordinal)] : [seed];
        // small files say how large ones are read, so each is as likely
        var changed = random.Next(files.Length);
        long bytes = 0;
        for (var i = 0; i < files.Length; i++)
        {
            var content = File.ReadAllBytes(files[i]);
            if (i == changed) content = Mutator.Mutate(Path.GetFileName(files[i]), content, random);
            bytes += content.Length;
            File.WriteAllBytes(Path.Combine(folder, Path.GetFileName(files[i])), content);
        }
        return new(target, seed, Path.GetFileName(files[changed]), bytes);
    }
}
