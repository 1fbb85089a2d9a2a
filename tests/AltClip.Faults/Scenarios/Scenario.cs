namespace AltClip.Faults.Scenarios;

/// <summary>A command that writes, with what has to hold of its folder at every moment.</summary>
/// <param name="name">What reports call it.</param>
/// <param name="inputs">What it reads.</param>
internal abstract class Scenario(string name, ScenarioInputs inputs)
{
    public string Name { get; } = name;

    protected ScenarioInputs Inputs { get; } = inputs;

    /// <summary>What the command is called with, the first time and every further time.</summary>
    /// <param name="folder">The one folder that it writes to, or in.</param>
    public abstract IReadOnlyList<string> Arguments(string folder);

    /// <summary>The variables that the command gets.</summary>
    public virtual IReadOnlyDictionary<string, string> Environment(string folder) => Plain;

    /// <summary>Puts into the new, empty folder what the command finds there.</summary>
    public virtual void Prepare(string folder)
    {
    }

    /// <summary>Says what is wrong after a run that was stopped at any moment; null for nothing.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="reference">What it has after a run that wasn't stopped.</param>
    /// <param name="text">What the run wrote.</param>
    public abstract string? CheckStopped(string folder, Tree reference, string text);

    /// <summary>Says what is wrong after a run that came to its end, whatever was before it; null for nothing.</summary>
    public virtual string? CheckDone(string folder, Tree reference) => Tree.Of(folder).Difference(reference);

    /// <summary>Whether a stopped run had done all, so that the command would refuse to do it again.</summary>
    public virtual bool IsDone(string folder) => false;

    protected static IReadOnlyDictionary<string, string> Plain { get; } = new Dictionary<string, string> { ["NO_COLOR"] = "1" };
}
