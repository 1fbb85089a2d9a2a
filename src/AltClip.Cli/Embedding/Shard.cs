using System.Globalization;

namespace AltClip.Cli;

/// <summary>Which of how many equal shares of a job this is, counted from 0.</summary>
internal readonly record struct Shard(int Index, int Count)
{
    /// <summary>The variable that says how many shares there are, where the scheduler doesn't, or where only some of them run again.</summary>
    public const string CountVariable = "ALTCLIP_SHARDS";

    /// <summary>The most that a job may have: their names have five digits.</summary>
    public const int Most = 100_000;

    /// <summary>A job in one piece.</summary>
    public static Shard Whole { get; } = new(0, 1);

    /// <summary>The name of its folder.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"shard-{Index:D5}-of-{Count:D5}");

    /// <summary>All shares of a job.</summary>
    public static IEnumerable<Shard> All(int count) => Enumerable.Range(0, count).Select(index => new Shard(index, count));

    /// <summary>Reads <c>i/n</c>.</summary>
    /// <exception cref="ArgumentException">It has another form, or i is not among 0 to n - 1.</exception>
    public static Shard Parse(string text) =>
        text.Split('/') is [var index, var count] && int.TryParse(index, NumberStyles.None, CultureInfo.InvariantCulture, out var i)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && i < n && n <= Most
            ? new Shard(i, n)
            : throw new ArgumentException($"There is no shard {text}; expected 0/16 to 15/16, for example, and {Most} at most.");

    /// <summary>
    /// Reads the place in a Kubernetes Indexed Job (<c>JOB_COMPLETION_INDEX</c>, which tells no count) or in a SLURM array
    /// (<c>SLURM_ARRAY_TASK_ID</c>, <c>_MIN</c>, <c>_STEP</c> and <c>_COUNT</c>).
    /// </summary>
    /// <param name="variable">Gives the value of a variable, or null.</param>
    /// <returns>The shard; null if this is no task of either.</returns>
    /// <remarks>
    /// With <see cref="CountVariable"/>, the task's number is the shard's, so that <c>--array=3,7</c> runs two of many again. Without it, the tasks
    /// of a SLURM array are all there is, whatever number the first has.
    /// </remarks>
    /// <exception cref="ArgumentException">A variable is no number, one is missing, or the index is not among the shards.</exception>
    public static Shard? FromEnvironment(Func<string, string?> variable)
    {
        int? Number(string name) => variable(name) is not { Length: > 0 } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ArgumentException($"{name} is '{text}'; expected a number.");

        var count = Number(CountVariable);
        if (Number("JOB_COMPLETION_INDEX") is { } completion)
        {
            return Checked(completion, count ?? throw new ArgumentException(
                $"JOB_COMPLETION_INDEX is set, but not {CountVariable}; set it to the job's completions, or give --shard."), "JOB_COMPLETION_INDEX");
        }
        if (Number("SLURM_ARRAY_TASK_ID") is not { } task) return null;
        if (count is { } all) return Checked(task, all, "SLURM_ARRAY_TASK_ID");
        var first = Number("SLURM_ARRAY_TASK_MIN") ?? 0;
        var step = Number("SLURM_ARRAY_TASK_STEP") ?? 1;
        if (step == 0 || task < first || (task - first) % step != 0)
            throw new ArgumentException($"SLURM_ARRAY_TASK_ID {task} is not in an array from {first} in steps of {step}.");
        var tasks = Number("SLURM_ARRAY_TASK_COUNT") ?? throw new ArgumentException("SLURM_ARRAY_TASK_ID is set, but not SLURM_ARRAY_TASK_COUNT.");
        return Checked((task - first) / step, tasks, "SLURM_ARRAY_TASK_ID");
    }

    private static Shard Checked(int index, int count, string name) => count > Most ? throw new ArgumentException($"There are {count} shards; expected {Most} at most.")
        : index < count ? new Shard(index, count)
        : throw new ArgumentException($"{name} gives shard {index}, but there are {count}; expected 0 to {count - 1}.");
}
