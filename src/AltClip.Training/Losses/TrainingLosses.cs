namespace AltClip.Training.Losses;

/// <summary>Losses by name, as <c>altclip train --loss</c> takes them. It never changes, so any number of threads may share it.</summary>
public sealed class TrainingLosses
{
    private readonly (string Name, Func<TrainingLoss> Create)[] _losses;

    private TrainingLosses(params (string Name, Func<TrainingLoss> Create)[] losses) => _losses = losses;

    /// <summary>Those of this library, a line each.</summary>
    public static TrainingLosses All { get; } = new TrainingLosses()
        .With(ContrastiveLoss.Name, () => new ContrastiveLoss())
        .With(SigmoidLoss.Name, () => new SigmoidLoss());

    /// <summary>The names, in the order in which they were added.</summary>
    public IReadOnlyList<string> Names => [.. _losses.Select(loss => loss.Name)];

    /// <summary>These losses and one more.</summary>
    /// <param name="name">The name, as typed on the command line.</param>
    /// <param name="create">Makes the loss, with parameters of its own each time if it has any.</param>
    /// <exception cref="ArgumentException">The name is empty, or there is a loss of that name.</exception>
    public TrainingLosses With(string name, Func<TrainingLoss> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        if (Names.Contains(name)) throw new ArgumentException($"There is a loss {name} already; expected another name.", nameof(name));
        return new([.. _losses, (name, create)]);
    }

    /// <summary>Makes a loss.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The loss, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">There is no loss of that name; the message has those there are.</exception>
    public TrainingLoss Create(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var create = _losses.FirstOrDefault(loss => loss.Name == name).Create
            ?? throw new ArgumentException($"There is no loss {name}; expected one of {string.Join(", ", Names)}.", nameof(name));
        return create();
    }
}
