namespace AltClip.Training.Data;

/// <summary>A list that lies in several files, one after another.</summary>
internal interface IShards
{
    /// <summary>How many examples each has.</summary>
    IReadOnlyList<int> ShardSizes { get; }
}
