using System.Globalization;

namespace AltClip.Training.Distributed;

/// <summary>What torchrun and SLURM tell their processes.</summary>
internal static class ProcessEnvironment
{
    private const string Address = "MASTER_ADDR";
    private const string Port = "MASTER_PORT";

    // Below the ports that systems give to connections, and above most services.
    private const int FirstPort = 12000;
    private const int Ports = 20000;

    /// <param name="variable">Gives the value of a variable, or null.</param>
    /// <exception cref="ArgumentException">A variable is missing or has no sense.</exception>
    public static ProcessGroupOptions? Read(Func<string, string?> variable)
    {
        var values = new Variables(variable);
        return values.Number("WORLD_SIZE") is { } size ? FromTorchrun(values, size)
            : values.Number("SLURM_STEP_NUM_TASKS") is { } tasks ? FromSlurm(values, tasks)
            : null;
    }

    private static ProcessGroupOptions? FromTorchrun(Variables values, int size) => Checked(new()
    {
        WorldSize = size,
        Rank = size <= 1 ? 0 : values.Required("RANK", "WORLD_SIZE"),
        LocalRank = values.Number("LOCAL_RANK"),
        MasterAddress = size <= 1 ? "127.0.0.1" : values.Text(Address) ?? throw Missing(Address, "WORLD_SIZE"),
        MasterPort = size <= 1 ? FirstPort : values.Required(Port, "WORLD_SIZE"),
    }, "WORLD_SIZE", "RANK");

    private static ProcessGroupOptions? FromSlurm(Variables values, int tasks) => Checked(new()
    {
        WorldSize = tasks,
        Rank = values.Required("SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
        LocalRank = values.Number("SLURM_LOCALID"),
        // On one node nobody has to know its name.
        MasterAddress = values.Text(Address) ?? (values.Number("SLURM_STEP_NUM_NODES") is 1 ? "127.0.0.1"
            : SlurmNodeList.First(values.Text("SLURM_STEP_NODELIST") ?? throw Missing("SLURM_STEP_NODELIST", "SLURM_STEP_NUM_TASKS"))),
        MasterPort = values.Number(Port) ?? PortOf(values.Required("SLURM_JOB_ID", "SLURM_STEP_NUM_TASKS"), values.Number("SLURM_STEP_ID") ?? 0),
    }, "SLURM_STEP_NUM_TASKS", "SLURM_PROCID");

    // Steps that run at once, of one job or of consecutive ones, get ports of their own.
    private static int PortOf(int job, int step) => FirstPort + (int)((job * 31L + step) % Ports);

    private static ProcessGroupOptions? Checked(ProcessGroupOptions options, string sizeName, string rankName)
    {
        if (options.WorldSize < 1) throw new ArgumentException($"{sizeName} is {options.WorldSize}; expected 1 or more.");
        if (options.Rank >= options.WorldSize)
            throw new ArgumentException($"{rankName} is {options.Rank}, but {sizeName} {options.WorldSize}; expected 0 to {options.WorldSize - 1}.");
        if (options.MasterPort is < 1 or > ushort.MaxValue) throw new ArgumentException($"{Port} is {options.MasterPort}; expected 1 to 65535.");
        return options.WorldSize == 1 ? null : options;
    }

    private static ArgumentException Missing(string name, string because) => new($"{because} is set, but not {name}.");

    private sealed class Variables(Func<string, string?> variable)
    {
        public string? Text(string name) => variable(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;

        public int? Number(string name) => Text(name) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ArgumentException($"{name} is '{text}'; expected a number.");

        public int Required(string name, string because) => Number(name) ?? throw Missing(name, because);
    }
}
