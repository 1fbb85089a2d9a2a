using System.IO.Enumeration;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AltClip.Training;

/// <summary>Has all parameters of a model but those that train require no gradient, until it is disposed: then all are as before.</summary>
internal sealed class FrozenParameters : IDisposable
{
    private readonly List<Parameter> _frozen;

    /// <param name="model">The model.</param>
    /// <param name="trained">What trains.</param>
    public FrozenParameters(nn.Module model, IReadOnlyList<Parameter> trained)
    {
        var kept = trained.Select(parameter => parameter.Handle).ToHashSet();
        _frozen = [.. model.parameters().Where(parameter => parameter.requires_grad && !kept.Contains(parameter.Handle))];
        foreach (var parameter in _frozen) parameter.requires_grad = false;
    }

    /// <summary>What trains: the parameters that require a gradient and that no pattern names.</summary>
    /// <param name="model">The model.</param>
    /// <param name="patterns">Names, where <c>*</c> stands for any characters.</param>
    /// <exception cref="ArgumentException">A pattern fits no parameter.</exception>
    public static IReadOnlyList<(string Name, Parameter Parameter)> Others(nn.Module model, IReadOnlyList<string> patterns)
    {
        var parameters = model.named_parameters().ToList();
        foreach (var pattern in patterns)
        {
            if (!parameters.Any(p => FileSystemName.MatchesSimpleExpression(pattern, p.name, ignoreCase: false)))
                throw new ArgumentException($"The pattern {pattern} fits no parameter; expected state-dict names.", nameof(TrainerOptions.Frozen));
        }
        return [.. parameters.Where(p =>
            p.parameter.requires_grad && !patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, p.name, ignoreCase: false)))];
    }

    public void Dispose()
    {
        foreach (var parameter in _frozen) parameter.requires_grad = true;
    }
}
