using AltClip.Shared;

namespace AltClip.Search;

/// <summary>Finds places for pictures under their names, or with a number where that is taken, and puts them there.</summary>
internal sealed class SortTargets
{
    private readonly HashSet<string> _planned = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A place in a folder that neither the plan nor the disk has, or the one where the picture is already.</summary>
    public (string Target, bool IsThere) Find(string picture, string folder)
    {
        foreach (var target in Names(Path.Combine(folder, Path.GetFileName(picture))))
        {
            if (_planned.Contains(target)) continue;
            var exists = Exists(target);
            if (exists && !IsSame(picture, target)) continue;
            _planned.Add(target);
            return (target, exists);
        }
        throw new InvalidOperationException("There are no more names."); // Names has no end
    }

    /// <summary>Copies or links a picture. A target that has come to be since is left as it is.</summary>
    /// <returns>Where the picture is now.</returns>
    public static string Put(string picture, string target, PictureSortAction action)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        foreach (var name in Names(target))
        {
            if (Exists(name)) continue;
            try
            {
                if (action == PictureSortAction.Link) File.CreateSymbolicLink(name, picture);
                else Copy(picture, name, overwrite: false);
                return name;
            }
            catch (IOException) when (Exists(name))
            {
                // Another was faster.
            }
        }
        throw new InvalidOperationException("There are no more names.");
    }

    /// <summary>Puts a copy in place of a link.</summary>
    /// <returns>Whether it was one.</returns>
    public static bool CopyOverLink(string picture, string target)
    {
        if (new FileInfo(target).LinkTarget is null) return false;
        Copy(picture, target, overwrite: true);
        return true;
    }

    // Beside first, so that there is never a part of a picture under its name.
    private static void Copy(string picture, string target, bool overwrite)
    {
        var beside = Path.Combine(Path.GetDirectoryName(target)!, $".{Guid.NewGuid():N}.tmp");
        try
        {
            File.Copy(picture, beside, overwrite: false);
            File.Move(beside, target, overwrite);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    // A link that leads nowhere takes a name too.
    private static bool Exists(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static bool IsSame(string picture, string target)
    {
        var file = new FileInfo(target);
        if (file.LinkTarget is not null)
            return RealPath.Of(target) == RealPath.Of(picture);
        return file.Exists && file.Length == RealPath.FileAt(picture).Length && HaveSameBytes(picture, target);
    }

    private static bool HaveSameBytes(string one, string other)
    {
        using var first = File.OpenRead(one);
        using var second = File.OpenRead(other);
        var (a, b) = (new byte[1 << 16], new byte[1 << 16]);
        while (true)
        {
            var (countA, countB) = (first.ReadAtLeast(a, a.Length, throwOnEndOfStream: false), second.ReadAtLeast(b, b.Length, throwOnEndOfStream: false));
            if (!a.AsSpan(0, countA).SequenceEqual(b.AsSpan(0, countB))) return false;
            if (countA == 0) return true;
        }
    }

    private static IEnumerable<string> Names(string path)
    {
        yield return path;
        var (start, extension) = (Path.ChangeExtension(path, null), Path.GetExtension(path));
        for (var number = 2; ; number++) yield return $"{start} ({number}){extension}";
    }
}
