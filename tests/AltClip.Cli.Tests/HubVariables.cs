namespace AltClip.Cli.Tests;

/// <summary>Has this process, for a while, look for models elsewhere.</summary>
internal sealed class HubVariables : IDisposable
{
    private readonly (string Name, string? Value)[] _before;

    public HubVariables(string endpoint, string folder)
    {
        (string, string?)[] wanted = [("HF_ENDPOINT", endpoint), ("HF_HUB_CACHE", Path.Combine(folder, "hub")), ("HF_HUB_OFFLINE", null)];
        _before = [.. wanted.Select(variable => (variable.Item1, Environment.GetEnvironmentVariable(variable.Item1)))];
        foreach (var (name, value) in wanted) Environment.SetEnvironmentVariable(name, value);
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before) Environment.SetEnvironmentVariable(name, value);
    }
}
