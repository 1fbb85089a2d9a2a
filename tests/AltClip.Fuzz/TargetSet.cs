using AltClip.Fuzz.Readers;
using AltClip.Imaging.Magick;

namespace AltClip.Fuzz;

/// <summary>The readers that are tried.</summary>
internal sealed class TargetSet : IDisposable
{
    private readonly string _work;
    private readonly IDisposable _formats = MagickDecoders.Register();
    private readonly ModelReaders _models;
    private readonly TextReaders _texts;
    private readonly PictureReaders _pictures;
    private readonly TrainingReaders _training = new();

    public TargetSet(string data, string? only)
    {
        // In memory where the system has such a folder: a disk would take most of the time.
        _work = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"altclip-fuzz-{Environment.ProcessId}");
        var seeds = new Seeds(data, _work);
        (_models, _texts, _pictures) = (new(seeds), new(seeds), new(seeds));
        (string Name, Func<FuzzTarget> Create)[] all =
        [
            .. _models.All(seeds), .. _texts.All(seeds), .. _pictures.All(seeds), .. TableReaders.All(seeds), .. ShardReaders.All(seeds), .. JobReaders.All(seeds), .. _training.All(seeds),
        ];
        All = [.. all.Where(target => only is null || target.Name == only).Select(target => Create(target.Name, target.Create()))];
        if (All.Count == 0) throw new ArgumentException($"There is no target {only}; expected one of {string.Join(", ", all.Select(target => target.Name))}.");
    }

    public IReadOnlyList<FuzzTarget> All { get; }

    private static FuzzTarget Create(string name, FuzzTarget target) => (target.NamesMember ? target.Valid() : target) with { Name = name };

    public void Dispose()
    {
        _models.Dispose();
        _training.Dispose();
        _formats.Dispose();
        Directory.Delete(_work, recursive: true);
    }
}
