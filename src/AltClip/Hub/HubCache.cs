using System.Text;
using AltClip.Shared;

namespace AltClip.Hub;

/// <summary>
/// A model's part of the cache, in the layout of <c>huggingface_hub</c>: <c>blobs</c> named by hash; <c>snapshots/COMMIT/FILE</c>, links to
/// blobs; <c>refs/REVISION</c> with the commit a branch or tag was at; <c>.no_exist/COMMIT/FILE</c> for files known not to be there. Names
/// have to be checked (<see cref="HubNames"/>) before they come here.
/// </summary>
internal sealed class HubCache(string root, HubModelId id, Action<string, string> createLink)
{
    private const string TagName = "CACHEDIR.TAG", TagSignature = "Signature: 8a477f597d28d172789f06886806bc55";

    // https://bford.info/cachedir/: backup programs leave the folder out.
    private const string Tag = TagSignature + """

        # This file is a cache directory tag created by huggingface_hub.
        # For information about cache directory tags, see:
        #	https://bford.info/cachedir/

        """;

    private readonly string _root = Path.GetFullPath(root);

    private string Model => Path.Combine(_root, id.FolderName);

    public string Snapshot(string commit) => Path.Combine(Model, "snapshots", commit);

    public string Pointer(string commit, string file) => Path.Combine(Snapshot(commit), Native(file));

    /// <summary>Whether a snapshot has a file. A link whose blob is gone, which exists to <see cref="File.Exists"/>, is none.</summary>
    public bool Has(string commit, string file)
    {
        var pointer = Pointer(commit, file);
        return File.Exists(pointer) && File.ResolveLinkTarget(pointer, returnFinalTarget: true) is null or { Exists: true };
    }

    public string Blob(string etag) => Path.Combine(Model, "blobs", etag);

    public string Incomplete(string etag) => $"{Blob(etag)}.incomplete";

    public string LockFile(string etag) => Path.Combine(_root, ".locks", id.FolderName, $"{etag}.lock");

    /// <summary>The commit that a revision was at when it was last asked for; null if it never was.</summary>
    public string? ReadRef(string revision)
    {
        if (HubNames.IsCommit(revision)) return revision;
        return File.Exists(Ref(revision)) && File.ReadAllText(Ref(revision)).Trim() is var commit && HubNames.IsCommit(commit) ? commit : null;
    }

    /// <summary>Notes the commit that a revision is at now.</summary>
    public void WriteRef(string revision, string commit)
    {
        if (ReadRef(revision) == commit) return;
        Directory.CreateDirectory(Path.GetDirectoryName(Ref(revision))!);
        StagedFiles.WriteText(Ref(revision), commit);
    }

    public bool IsKnownMissing(string commit, string file) => File.Exists(Missing(commit, file));

    public void MarkMissing(string commit, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Missing(commit, file))!);
        using (File.Create(Missing(commit, file)))
        {
        }
    }

    /// <summary>Makes the folders that a file goes to.</summary>
    public void Prepare(string commit, string file, string etag)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(etag))!);
        Directory.CreateDirectory(Path.GetDirectoryName(Pointer(commit, file))!);
        WriteTag();
    }

    /// <summary>Makes a blob a file of a snapshot.</summary>
    /// <param name="commit">The snapshot's commit.</param>
    /// <param name="file">The file's name.</param>
    /// <param name="etag">The blob.</param>
    /// <param name="isNew">Whether no other snapshot can have the blob.</param>
    public void Link(string commit, string file, string etag, bool isNew)
    {
        var pointer = Pointer(commit, file);
        File.Delete(pointer);
        try
        {
            createLink(pointer, Path.GetRelativePath(Path.GetDirectoryName(pointer)!, Blob(etag)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            // Windows allows links only to developers and administrators. As in huggingface_hub, the file itself is then in the snapshot.
            if (isNew) File.Move(Blob(etag), pointer);
            else File.Copy(Blob(etag), pointer);
        }
    }

    /// <summary>
    /// Says that the folder is a cache. In place, unlike other files: one that a killed process left half-written is completed by the next, where one
    /// beside it would stay, and two processes write the same.
    /// </summary>
    private void WriteTag()
    {
        var path = Path.Combine(_root, TagName);
        if (IsTagged(path)) return;
        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(Tag));
    }

    private static bool IsTagged(string path)
    {
        if (!File.Exists(path)) return false;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var start = new byte[TagSignature.Length];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(TagSignature));
    }

    private string Ref(string revision) => Path.Combine(Model, "refs", Native(revision));

    private string Missing(string commit, string file) => Path.Combine(Model, ".no_exist", commit, Native(file));

    private static string Native(string path) => path.Replace('/', Path.DirectorySeparatorChar);
}
