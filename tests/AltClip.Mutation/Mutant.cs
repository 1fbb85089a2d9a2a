using Microsoft.CodeAnalysis;

namespace AltClip.Mutation;

/// <summary>One change of a source.</summary>
/// <param name="Node">What is changed.</param>
/// <param name="Changed">What stands there instead.</param>
internal sealed record Mutant(SyntaxNode Node, SyntaxNode Changed)
{
    private const int Shown = 90;

    public int Line => Node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    public string Change => $"{Short(Node)} -> {Short(Changed)}";

    private static string Short(SyntaxNode node)
    {
        var text = string.Join(' ', node.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= Shown ? text : text[..Shown] + "…";
    }
}
