using TorchSharp;
using static TorchSharp.torch;

namespace AltClip.Conformance;

/// <summary>Holds tensors against the reference's.</summary>
internal static class Compare
{
    /// <summary>Allowed absolute difference, unless values are large.</summary>
    public const double Absolute = 1e-5;

    /// <summary>Where the largest magnitude of a tensor exceeds 2, this part of it is allowed.</summary>
    public const double Relative = 5e-6;

    /// <summary>The largest absolute difference.</summary>
    /// <exception cref="MismatchException">The shapes differ, or the difference is above what is allowed.</exception>
    public static double Close(string name, Tensor actual, Tensor expected) => Close(name, actual, expected, largest => largest > 2 ? Relative * largest : Absolute);

    /// <inheritdoc cref="Close(string, Tensor, Tensor)"/>
    public static double Close(string name, Tensor actual, Tensor expected, Func<double, double> tolerance)
    {
        if (!actual.shape.SequenceEqual(expected.shape))
            throw new MismatchException($"{name} has shape [{string.Join(", ", actual.shape)}]; expected [{string.Join(", ", expected.shape)}]");
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var reference = expected.to(float64);
        var difference = (actual.to(float64) - reference).abs().max().ToDouble();
        var allowed = tolerance(reference.abs().max().ToDouble());
        if (!(difference <= allowed)) throw new MismatchException($"{name} differs by {difference:g3}; at most {allowed:g3} is allowed");
        return difference;
    }

    /// <summary>Whole numbers must be equal.</summary>
    public static void Same(string name, Tensor actual, Tensor expected) => Close(name, actual, expected, _ => 0);

    /// <exception cref="MismatchException">Names are missing or too many.</exception>
    public static void SameNames(string what, IEnumerable<string> actual, IEnumerable<string> expected)
    {
        var (have, want) = (actual.ToHashSet(), expected.ToHashSet());
        if (have.SetEquals(want)) return;
        throw new MismatchException(
            $"{what}: missing [{string.Join(", ", want.Except(have))}], not expected [{string.Join(", ", have.Except(want))}]");
    }
}
