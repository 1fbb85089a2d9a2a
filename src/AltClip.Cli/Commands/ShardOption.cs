using System.CommandLine;

namespace AltClip.Cli.Commands;

/// <summary><c>--shard i/n</c>, or what the scheduler's variables say.</summary>
internal sealed class ShardOption : Option<string?>
{
    public ShardOption() : base("--shard")
    {
        Description = "The share of this worker, counted from 0. Default: that of the Kubernetes Indexed Job (JOB_COMPLETION_INDEX and "
            + $"{Shard.CountVariable}) or the SLURM array (SLURM_ARRAY_TASK_ID) that this runs in, else all.";
        HelpName = "I/N";
    }

    /// <summary>The share that was asked for.</summary>
    /// <exception cref="UsageException">There is no such share.</exception>
    /// <exception cref="ArgumentException">The scheduler's variables make no share.</exception>
    public Shard Read(ParseResult parsed) => ReadTyped(parsed, this) ?? Shard.FromEnvironment(Environment.GetEnvironmentVariable) ?? Shard.Whole;

    /// <summary>The share that was typed; null without one.</summary>
    /// <exception cref="UsageException">There is no such share.</exception>
    public static Shard? ReadTyped(ParseResult parsed, Option<string?> option)
    {
        try
        {
            return parsed.GetValue(option) is { } text ? Shard.Parse(text) : null;
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"{option.Name}: {e.Message}");
        }
    }
}
