using System.IO.Enumeration;
using static TorchSharp.torch;

namespace AltClip.Training;

/// <summary>Says by patterns of names which parameters of a model train.</summary>
internal static class FrozenParameters
{
    /// <summary>Has all but those that a pattern names train.</summary>
    /// <exception cref="ArgumentException">A pattern fits no parameter.</exception>
    public static void Freeze(nn.Module model, IReadOnlyList<string> patterns)
    {
        var parameters = model.named_parameters().ToList();
        foreach (var pattern in patterns)
        {
            if (!parameters.Any(p => FileSystemName.MatchesSimpleExpression(pattern, p.name, ignoreCase: false)))
                throw new ArgumentException($"The pattern {pattern} fits no parameter; expected state-dict names.", nameof(TrainerOptions.Frozen));
        }
        foreach (var (name, parameter) in parameters)
            parameter.requires_grad = !patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false));
    }
}
