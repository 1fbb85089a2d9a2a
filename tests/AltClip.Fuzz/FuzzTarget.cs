namespace AltClip.Fuzz;

/// <summary>A reader with the files that it is given, one of them changed each time.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Seeds">Files that are read without a fault, or refused as they have to be.</param>
/// <param name="Read">Reads the folder in which a seed's files lie.</param>
/// <param name="NamesFile">Whether errors must name a file of the folder.</param>
/// <param name="NamesMember">Whether an error about a member of a JSON file must name it.</param>
/// <param name="Changes">Which of a seed's files are changed; null for all.</param>
internal sealed record FuzzTarget(
    string Name, IReadOnlyList<FuzzSeed> Seeds, Action<string> Read, bool NamesFile = true, bool NamesMember = false, Predicate<string>? Changes = null)
{
    /// <summary>The target with the seeds alone that are read: what makes the others be refused is no change of theirs.</summary>
    public FuzzTarget Valid() => this with { Seeds = [.. Seeds.Where(IsRead)] };

    private bool IsRead(FuzzSeed seed)
    {
        try
        {
            Read(seed.Folder);
            return true;
        }
        catch (Exception e) when (e is AltClipException or IOException)
        {
            return false;
        }
    }
}
