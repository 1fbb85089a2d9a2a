using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace AltClip.Mutation;

/// <summary>
/// Finds all changes of a source: operators of arithmetic, comparison and logic, constants by one, conditions, branches, and statements that are gone. What
/// an exception says is not changed, nor attributes: no test holds texts word for word.
/// </summary>
internal static class Mutants
{
    private static readonly Dictionary<SyntaxKind, SyntaxKind> Binary = new()
    {
        [SyntaxKind.AddExpression] = SyntaxKind.SubtractExpression,
        [SyntaxKind.SubtractExpression] = SyntaxKind.AddExpression,
        [SyntaxKind.MultiplyExpression] = SyntaxKind.DivideExpression,
        [SyntaxKind.DivideExpression] = SyntaxKind.MultiplyExpression,
        [SyntaxKind.ModuloExpression] = SyntaxKind.MultiplyExpression,
        [SyntaxKind.LeftShiftExpression] = SyntaxKind.RightShiftExpression,
        [SyntaxKind.RightShiftExpression] = SyntaxKind.LeftShiftExpression,
        [SyntaxKind.BitwiseAndExpression] = SyntaxKind.BitwiseOrExpression,
        [SyntaxKind.BitwiseOrExpression] = SyntaxKind.BitwiseAndExpression,
        [SyntaxKind.ExclusiveOrExpression] = SyntaxKind.BitwiseAndExpression,
        [SyntaxKind.LessThanExpression] = SyntaxKind.LessThanOrEqualExpression,
        [SyntaxKind.LessThanOrEqualExpression] = SyntaxKind.LessThanExpression,
        [SyntaxKind.GreaterThanExpression] = SyntaxKind.GreaterThanOrEqualExpression,
        [SyntaxKind.GreaterThanOrEqualExpression] = SyntaxKind.GreaterThanExpression,
        [SyntaxKind.EqualsExpression] = SyntaxKind.NotEqualsExpression,
        [SyntaxKind.NotEqualsExpression] = SyntaxKind.EqualsExpression,
        [SyntaxKind.LogicalAndExpression] = SyntaxKind.LogicalOrExpression,
        [SyntaxKind.LogicalOrExpression] = SyntaxKind.LogicalAndExpression,
    };

    private static readonly Dictionary<SyntaxKind, SyntaxKind> Assignments = new()
    {
        [SyntaxKind.AddAssignmentExpression] = SyntaxKind.SubtractAssignmentExpression,
        [SyntaxKind.SubtractAssignmentExpression] = SyntaxKind.AddAssignmentExpression,
        [SyntaxKind.MultiplyAssignmentExpression] = SyntaxKind.DivideAssignmentExpression,
        [SyntaxKind.DivideAssignmentExpression] = SyntaxKind.MultiplyAssignmentExpression,
        [SyntaxKind.OrAssignmentExpression] = SyntaxKind.AndAssignmentExpression,
        [SyntaxKind.AndAssignmentExpression] = SyntaxKind.OrAssignmentExpression,
        [SyntaxKind.ExclusiveOrAssignmentExpression] = SyntaxKind.AndAssignmentExpression,
    };

    public static IEnumerable<Mutant> Of(SyntaxNode root) =>
        root.DescendantNodes(node => !IsLeftOut(node)).Where(node => !IsLeftOut(node)).SelectMany(node => Changes(node).Select(changed => new Mutant(node, changed)));

    private static bool IsLeftOut(SyntaxNode node) =>
        node is AttributeListSyntax or ThrowStatementSyntax or ThrowExpressionSyntax or InterpolatedStringExpressionSyntax or EnumDeclarationSyntax;

    private static IEnumerable<SyntaxNode> Changes(SyntaxNode node)
    {
        switch (node)
        {
            case BinaryExpressionSyntax binary when Binary.TryGetValue(binary.Kind(), out var kind):
                yield return BinaryExpression(kind, Operand(binary.Left), Operand(binary.Right));
                break;
            case AssignmentExpressionSyntax assignment when Assignments.TryGetValue(assignment.Kind(), out var kind):
                yield return AssignmentExpression(kind, assignment.Left, assignment.Right);
                break;
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression or (int)SyntaxKind.UnaryMinusExpression } unary:
                yield return unary.Operand;
                break;
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression } unary:
                yield return PrefixUnaryExpression(SyntaxKind.PreDecrementExpression, unary.Operand);
                break;
            case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression } unary:
                yield return PostfixUnaryExpression(SyntaxKind.PostDecrementExpression, unary.Operand);
                break;
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreDecrementExpression } unary:
                yield return PrefixUnaryExpression(SyntaxKind.PreIncrementExpression, unary.Operand);
                break;
            case PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostDecrementExpression } unary:
                yield return PostfixUnaryExpression(SyntaxKind.PostIncrementExpression, unary.Operand);
                break;
            case LiteralExpressionSyntax { RawKind: (int)SyntaxKind.TrueLiteralExpression }:
                yield return LiteralExpression(SyntaxKind.FalseLiteralExpression);
                break;
            case LiteralExpressionSyntax { RawKind: (int)SyntaxKind.FalseLiteralExpression }:
                yield return LiteralExpression(SyntaxKind.TrueLiteralExpression);
                break;
            case LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NumericLiteralExpression } number:
                foreach (var other in Neighbours(number.Token.Value)) yield return ParseExpression(other);
                break;
            case RelationalPatternSyntax pattern:
                yield return pattern.WithOperatorToken(Token(pattern.OperatorToken.Kind() switch
                {
                    SyntaxKind.LessThanToken => SyntaxKind.LessThanEqualsToken,
                    SyntaxKind.LessThanEqualsToken => SyntaxKind.LessThanToken,
                    SyntaxKind.GreaterThanToken => SyntaxKind.GreaterThanEqualsToken,
                    _ => SyntaxKind.GreaterThanToken,
                }).WithTriviaFrom(pattern.OperatorToken));
                break;
            // A condition that is negated by its own operator isn't negated a second time.
            case IfStatementSyntax { Condition: not PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalNotExpression } and not BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression } } branch:
                yield return branch.WithCondition(Not(branch.Condition));
                break;
            case ConditionalExpressionSyntax choice:
                yield return choice.WithWhenTrue(choice.WhenFalse).WithWhenFalse(choice.WhenTrue);
                break;
            case WhileStatementSyntax { Condition: not LiteralExpressionSyntax } loop:
                yield return loop.WithCondition(LiteralExpression(SyntaxKind.FalseLiteralExpression));
                break;
            case ExpressionStatementSyntax or ContinueStatementSyntax or BreakStatementSyntax { Parent: not SwitchSectionSyntax } or ReturnStatementSyntax { Expression: null }:
                yield return EmptyStatement();
                break;
        }
    }

    // What was removed with its operator may bind otherwise.
    private static ExpressionSyntax Operand(ExpressionSyntax operand) =>
        operand is IdentifierNameSyntax or LiteralExpressionSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax
            ? operand : ParenthesizedExpression(operand.WithoutTrivia());

    private static PrefixUnaryExpressionSyntax Not(ExpressionSyntax condition) =>
        PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, ParenthesizedExpression(condition.WithoutTrivia()));

    private static IEnumerable<string> Neighbours(object? value) => value switch
    {
        int number => [(number + 1L).ToString(CultureInfo.InvariantCulture), .. number > 0 ? [(number - 1L).ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>()],
        uint number => [$"{number + 1}u", $"{number - 1}u"],
        long number => [$"{number + 1}L", $"{number - 1}L"],
        float number => [(number + 1).ToString("R", CultureInfo.InvariantCulture) + "f"],
        double number => [(number + 1).ToString("R", CultureInfo.InvariantCulture) + "d"],
        _ => [],
    };
}
