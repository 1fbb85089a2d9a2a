using System.Security.Cryptography;

namespace AltClip.Search;

/// <summary>Finds pictures whose files are equal to the byte. Only files of one size are read.</summary>
internal sealed class EqualFiles
{
    private readonly List<string> _missing = [];

    /// <param name="images">The pictures, in the order in which they are to be in their groups.</param>
    /// <param name="fileOf">Where a picture's file is.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    public EqualFiles(IReadOnlyList<ImageEntry> images, Func<string, string> fileOf, CancellationToken cancellationToken)
    {
        var bySize = images.GroupBy(image => SizeOf(fileOf(image.Id), image.Id)).Where(group => group.Key is not null && group.Count() > 1);
        Groups =
        [
            .. bySize.ToList().SelectMany(group => group.GroupBy(image =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return HashOf(fileOf(image.Id), image.Id);
            })).Where(group => group.Key is not null && group.Count() > 1).Select(group => group.ToArray()),
        ];
    }

    /// <summary>The pictures that have equals.</summary>
    public IReadOnlyList<IReadOnlyList<ImageEntry>> Groups { get; }

    /// <summary>The pictures whose files can't be read.</summary>
    public IReadOnlyList<string> Missing => _missing;

    private long? SizeOf(string path, string id) => Read<long?>(id, () => new FileInfo(path).Length);

    private string? HashOf(string path, string id) => Read(id, () =>
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    });

    private T? Read<T>(string id, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _missing.Add(id);
            return default;
        }
    }
}
