namespace AltClip.Faults.Places;

/// <summary>Where a command writes, and what happens there besides its being killed.</summary>
internal interface IPlace : IDisposable
{
    /// <summary>The folder.</summary>
    string Folder { get; }

    /// <summary>Whether what was told of is there after a stop.</summary>
    bool KeepsWhatWasSaid { get; }

    /// <summary>Empties the folder.</summary>
    void Clear();

    /// <summary>What is there is to last.</summary>
    void Settle();

    /// <summary>Does what comes after the process was killed.</summary>
    void AfterKill();
}
