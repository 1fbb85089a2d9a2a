namespace AltClip.Architecture;

/// <summary>That a file of one folder names a type that another folder declares.</summary>
/// <param name="From">The folder of the file, from <c>src</c> on: <c>AltClip/Modeling</c>.</param>
/// <param name="To">The folder that declares the type.</param>
/// <param name="Place">Where: file and line.</param>
/// <param name="Type">The type's name.</param>
internal sealed record Arrow(string From, string To, string Place, string Type)
{
    public override string ToString() => $"{From} -> {To}: {Place} uses {Type}";
}
