using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AltClip.Mutation;

/// <summary>One change of one expression.</summary>
/// <param name="Old">What was there.</param>
/// <param name="New">What is there instead.</param>
internal sealed record Mutant(SyntaxNode Old, SyntaxNode New)
{
    private static readonly Dictionary<SyntaxKind, SyntaxKind> Operators = new()
    {
        [SyntaxKind.AddExpression] = SyntaxKind.SubtractExpression,
        [SyntaxKind.SubtractExpression] = SyntaxKind.AddExpression,
        [SyntaxKind.MultiplyExpression] = SyntaxKind.DivideExpression,
        [SyntaxKind.DivideExpression] = SyntaxKind.MultiplyExpression,
        [SyntaxKind.LessThanExpression] = SyntaxKind.LessThanOrEqualExpression,
        [SyntaxKind.LessThanOrEqualExpression] = SyntaxKind.LessThanExpression,
        [SyntaxKind.GreaterThanExpression] = SyntaxKind.GreaterThanOrEqualExpression,
        [SyntaxKind.GreaterThanOrEqualExpression] = SyntaxKind.GreaterThanExpression,
        [SyntaxKind.EqualsExpression] = SyntaxKind.NotEqualsExpression,
        [SyntaxKind.NotEqualsExpression] = SyntaxKind.EqualsExpression,
        [SyntaxKind.LogicalAndExpression] = SyntaxKind.LogicalOrExpression,
        [SyntaxKind.LogicalOrExpression] = SyntaxKind.LogicalAndExpression,
    };

    private static readonly Dictionary<SyntaxKind, SyntaxKind> Signs = new()
    {
        [SyntaxKind.AddExpression] = SyntaxKind.PlusToken,
        [SyntaxKind.SubtractExpression] = SyntaxKind.MinusToken,
        [SyntaxKind.MultiplyExpression] = SyntaxKind.AsteriskToken,
        [SyntaxKind.DivideExpression] = SyntaxKind.SlashToken,
        [SyntaxKind.LessThanExpression] = SyntaxKind.LessThanToken,
        [SyntaxKind.LessThanOrEqualExpression] = SyntaxKind.LessThanEqualsToken,
        [SyntaxKind.GreaterThanExpression] = SyntaxKind.GreaterThanToken,
        [SyntaxKind.GreaterThanOrEqualExpression] = SyntaxKind.GreaterThanEqualsToken,
        [SyntaxKind.EqualsExpression] = SyntaxKind.EqualsEqualsToken,
        [SyntaxKind.NotEqualsExpression] = SyntaxKind.ExclamationEqualsToken,
        [SyntaxKind.LogicalAndExpression] = SyntaxKind.AmpersandAmpersandToken,
        [SyntaxKind.LogicalOrExpression] = SyntaxKind.BarBarToken,
    };

    /// <summary>All changes of a file: operators, conditions, whole numbers. Messages and attributes are left alone.</summary>
    public static IEnumerable<Mutant> Of(SyntaxNode root) => root.DescendantNodes(node => node is not (AttributeListSyntax or InterpolatedStringExpressionSyntax or ThrowExpressionSyntax or ThrowStatementSyntax))
        .Select(Change).OfType<Mutant>();

    /// <summary>Where it is and what it does.</summary>
    public override string ToString() => $"line {Old.GetLocation().GetLineSpan().StartLinePosition.Line + 1}: {Old} -> {New}";

    private static Mutant? Change(SyntaxNode node) => node switch
    {
        BinaryExpressionSyntax binary when Operators.TryGetValue(binary.Kind(), out var other) =>
            new(node, SyntaxFactory.BinaryExpression(other, binary.Left, SyntaxFactory.Token(Signs[other]).WithTriviaFrom(binary.OperatorToken), binary.Right)),
        LiteralExpressionSyntax { Token.Value: int number } literal =>
            new(node, SyntaxFactory.LiteralExpression(SyntaxKind.NumericLiteralExpression, SyntaxFactory.Literal(number + 1)).WithTriviaFrom(literal)),
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.TrueLiteralExpression } => new(node, SyntaxFactory.LiteralExpression(SyntaxKind.FalseLiteralExpression).WithTriviaFrom(node)),
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.FalseLiteralExpression } => new(node, SyntaxFactory.LiteralExpression(SyntaxKind.TrueLiteralExpression).WithTriviaFrom(node)),
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } not => new(node, SyntaxFactory.ParenthesizedExpression(not.Operand.WithoutTrivia()).WithTriviaFrom(node)),
        _ => null,
    };
}
