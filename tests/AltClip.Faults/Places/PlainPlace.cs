using AltClip.Tests;

namespace AltClip.Faults.Places;

/// <summary>A folder of a machine that goes on.</summary>
internal sealed class PlainPlace : IPlace
{
    private readonly TemporaryFolder _folder = new();

    public string Folder => _folder.File("work");

    public bool KeepsWhatWasSaid => true;

    public void Clear()
    {
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
    }

    public void Settle()
    {
    }

    public void AfterKill()
    {
    }

    public void Dispose() => _folder.Dispose();
}
