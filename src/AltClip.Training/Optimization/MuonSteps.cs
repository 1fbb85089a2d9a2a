using System.IO.Enumeration;
using AltClip.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training.Optimization;

/// <summary>
/// Muon's step (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks"): the momentum of a matrix's gradient, made
/// orthogonal, so that every direction of the matrix learns at one pace. The size of the step is made AdamW's usual one, so that both share a
/// learning rate and a decay (arXiv 2502.16982, equation 4).
/// </summary>
internal static class MuonSteps
{
    private const double Momentum = 0.95;
    private const int Iterations = 5;
    private const double Epsilon = 1e-7;

    /// <summary>The parameters that the patterns name.</summary>
    /// <param name="trained">What trains, with its names.</param>
    /// <param name="patterns">Names, where <c>*</c> stands for any characters.</param>
    /// <param name="argument">What the patterns are called where users give them.</param>
    /// <exception cref="ArgumentException">A pattern fits no trained matrix.</exception>
    public static IReadOnlyList<Parameter> Select(
        IEnumerable<(string Name, Parameter Parameter)> trained, IReadOnlyList<string> patterns, string argument)
    {
        var matrices = trained.Where(p => p.Parameter.dim() == 2).ToList();
        foreach (var pattern in patterns)
        {
            if (!matrices.Any(p => FileSystemName.MatchesSimpleExpression(pattern, p.Name, ignoreCase: false)))
                throw new ArgumentException($"The pattern {pattern} fits no matrix that trains; expected state-dict names.", argument);
        }
        return [.. matrices.Where(p => patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, p.Name, ignoreCase: false)))
            .Select(p => p.Parameter)];
    }

    /// <summary>Updates a matrix.</summary>
    /// <param name="parameter">The matrix, [rows, columns].</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="momentum">The gradients' decaying mean, which it updates.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="weightDecay">The decay, as AdamW's.</param>
    /// <param name="scale">The factor on the learning rate.</param>
    /// <param name="type">What the direction is made orthogonal in.</param>
    public static void Take(
        Tensor parameter, Tensor gradient, Tensor momentum, double learningRate, double weightDecay, MuonScale scale = MuonScale.MatchRmsAdamW,
        ScalarType type = ScalarType.Float32)
    {
        momentum.Times_(Momentum).Plus_(gradient, alpha: 1 - Momentum);
        // Nesterov's: a part of the way from the gradient to the momentum. TorchSharp's lerp would make a tensor of the number, on the CPU.
        var direction = Orthogonal((momentum - gradient).Times_(Momentum - 1).Plus_(momentum), type);
        var (rows, columns) = (parameter.shape[0], parameter.shape[1]);
        var size = scale == MuonScale.MatchRmsAdamW ? 0.2 * Math.Sqrt(Math.Max(rows, columns)) : Math.Sqrt(Math.Max(1, (double)rows / columns));
        parameter.Times_(1 - learningRate * weightDecay).Plus_(direction, alpha: -learningRate * size);
    }

    /// <summary>
    /// The nearest matrix with orthogonal rows or columns, roughly: all singular values come near 1 (0.7 to 1.2), by Newton-Schulz iterations
    /// with the coefficients that Muon found to get there fastest.
    /// </summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="type">What to compute in. bfloat16 trains as well, but its directions are several per cent off.</param>
    internal static Tensor Orthogonal(Tensor matrix, ScalarType type = ScalarType.Float32)
    {
        var tall = matrix.shape[0] > matrix.shape[1];
        var x = (tall ? matrix.t() : matrix).to(type);
        // As torch.optim.Muon, which clamps the norm and doesn't add to it.
        x = x / x.norm().AtLeast(Epsilon);
        for (var i = 0; i < Iterations; i++)
        {
            var square = x.matmul(x.t());
            var polynomial = square.Times(-4.7750).Plus(square.matmul(square).Times(2.0315));
            x = x.Times(3.4445).Plus(polynomial.matmul(x));
        }
        return (tall ? x.t() : x).to(matrix.dtype);
    }
}
