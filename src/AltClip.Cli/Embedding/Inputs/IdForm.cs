namespace AltClip.Cli;

/// <summary>What the ids of a job's inputs begin with.</summary>
internal enum IdForm
{
    /// <summary>Nothing more than what its owner calls an input: the path in its folder, its file's name and its place there, its own id.</summary>
    Short,

    /// <summary>The end of the folder's or file's path, as much as tells the job's inputs apart, see <see cref="InputLabels"/>.</summary>
    Long,
}
