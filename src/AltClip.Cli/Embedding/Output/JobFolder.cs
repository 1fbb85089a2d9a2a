namespace AltClip.Cli;

/// <summary>Where a job's results are: <c>job.json</c> and a folder for each share.</summary>
internal sealed class JobFolder(string path)
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    private string SettingsFile => System.IO.Path.Combine(Path, "job.json");

    /// <summary>Writes the settings, or sees that those that are there are the same.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="chooseIds">Finds the form of ids where the settings leave it open and no worker has found it yet.</param>
    /// <returns>The form of ids that the job has.</returns>
    /// <exception cref="ArgumentException">The folder has the results of another job.</exception>
    public IdForm Claim(JobSettings settings, Func<IdForm> chooseIds)
    {
        var ids = settings.Ids;
        if (!File.Exists(SettingsFile)) ids ??= chooseIds();
        Directory.CreateDirectory(Path);
        // If another worker is first, its settings count.
        if (!File.Exists(SettingsFile)) Unfinished.Write(SettingsFile, beside => JobJson.Write(beside, settings with { Ids = ids }));
        Unfinished.DeleteAll(Path);
        var job = ReadSettings();
        if (job.Difference(settings) is { } difference)
            throw new ArgumentException($"{Path} has another job's results: {difference}. Give another output folder.");
        if (job.Ids is { } known) return known;
        // Begun by a version that wrote short ids, whether or not some were equal.
        return chooseIds() == IdForm.Short ? IdForm.Short
            : throw new ArgumentException($"{Path} was begun by an earlier version, where some inputs have equal ids. Give another output folder.");
    }

    /// <summary>What the job is.</summary>
    /// <exception cref="FileNotFoundException">There is no job.</exception>
    /// <exception cref="EmbedException">The file is damaged.</exception>
    public JobSettings ReadSettings()
    {
        if (!File.Exists(SettingsFile)) throw new FileNotFoundException($"{Path} has no job.json; expected the output folder of altclip embed.", SettingsFile);
        var settings = JobJson.Read<JobSettings>(SettingsFile);
        return settings.Problem() is { } problem ? throw new EmbedException($"{SettingsFile} is damaged: {problem}.") : settings;
    }

    /// <summary>Opens the inputs that the settings name.</summary>
    /// <exception cref="EmbedException">One is missing, or is none; the message names the file that asks for it.</exception>
    public IReadOnlyList<InputSource> OpenInputs(JobSettings settings)
    {
        try
        {
            return InputSources.Open(settings.Inputs, settings.Reading);
        }
        catch (Exception error) when (error is ArgumentException or IOException)
        {
            throw new EmbedException($"{SettingsFile}: {error.Message}", error);
        }
    }

    /// <summary>The folder of a share.</summary>
    public ShardFolder Open(Shard shard) => new(System.IO.Path.Combine(Path, shard.Name));
}
