namespace AltClip.Fuzz;

/// <summary>A reader with the files that it is given, one of them changed each time.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="Seeds">Folders or single files that are read without a fault, or refused as they have to be.</param>
/// <param name="Read">Reads the folder in which a seed's files lie.</param>
/// <param name="NamesFile">Whether errors must name a file of the folder.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<string> Seeds, Action<string> Read, bool NamesFile = true);
