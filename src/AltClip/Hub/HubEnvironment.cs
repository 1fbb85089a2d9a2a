using System.Globalization;
using System.Text.RegularExpressions;

namespace AltClip.Hub;

/// <summary>The environment variables that <c>huggingface_hub</c> reads (its <c>constants.py</c>), with its defaults.</summary>
/// <param name="variable">Gives the value of a variable, or null.</param>
internal sealed partial class HubEnvironment(Func<string, string?> variable)
{
    private const string DefaultEndpoint = "https://huggingface.co";
    private const int DefaultTimeout = 10;

    public static HubEnvironment Process { get; } = new(Environment.GetEnvironmentVariable);

    // The last is transformers' own, until version 5.
    public string CacheFolder =>
        Folder("HF_HUB_CACHE") ?? Folder("HUGGINGFACE_HUB_CACHE") ?? Folder("TRANSFORMERS_CACHE") ?? Path.Combine(Home, "hub");

    public string Endpoint => (Value("HF_ENDPOINT") ?? DefaultEndpoint).TrimEnd('/');

    public bool Offline => IsTrue(Value("HF_HUB_OFFLINE") ?? Value("TRANSFORMERS_OFFLINE"));

    public TimeSpan Timeout => TimeSpan.FromSeconds(
        int.TryParse(Value("HF_HUB_DOWNLOAD_TIMEOUT"), CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? seconds : DefaultTimeout);

    public string? Token => IsTrue(Value("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
        ? null
        : Clean(Value("HF_TOKEN")) ?? Clean(Value("HUGGING_FACE_HUB_TOKEN")) ?? TokenOfFile();

    private string Home =>
        Folder("HF_HOME") ?? Path.Combine(Folder("XDG_CACHE_HOME") ?? Path.Combine(UserFolder, ".cache"), "huggingface");

    private string UserFolder =>
        (OperatingSystem.IsWindows() ? null : Value("HOME")) ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private string? TokenOfFile()
    {
        var path = Folder("HF_TOKEN_PATH") ?? Path.Combine(Home, "token");
        return File.Exists(path) ? Clean(File.ReadAllText(path)) : null;
    }

    /// <summary>A folder, in which <c>~</c> and <c>$VARIABLE</c> mean what they do in a shell.</summary>
    private string? Folder(string name) => Value(name) switch
    {
        null => null,
        "~" => UserFolder,
        ['~', '/' or '\\', .. var rest] => Path.Combine(UserFolder, Expanded(rest)),
        var value => Expanded(value),
    };

    private string Expanded(string path) => Variables().Replace(path, match => Value(match.Groups["name"].Value) ?? match.Value);

    private string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;

    private static string? Clean(string? token) => token?.Trim() is { Length: > 0 } clean ? clean : null;

    [GeneratedRegex(@"\$(\{(?<name>\w+)\}|(?<name>\w+))")]
    private static partial Regex Variables();

    private static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
}
