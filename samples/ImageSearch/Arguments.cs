namespace ImageSearch;

/// <summary>What may be typed after the program's name.</summary>
internal static class Arguments
{
    public const string Help = $"""
        Finds pictures of a folder by a text in any language or by a picture, on a page in the browser.

        Usage: ImageSearch [options]

          --folder FOLDER       the pictures; default: this repository's emoji
          --model FOLDER|ID     a model folder, or an id of the Hugging Face Hub; default: this repository's model, which knows emoji only
          --store FILE|CONNECTION
                                where embeddings are kept: a file for DuckDB, or a connection string of PostgreSQL
          --allow-empty         forgets all pictures where the folder has none any more
          --urls URLS           where it listens; default: {ImageSearchApp.DefaultUrl}
          --hosts NAMES         the names that browsers may call it by, separated by ;, or * for all; default: {ImageSearchApp.DefaultHosts}
          --help                shows this
        """;

    private const string AllowEmpty = "--allow-empty";

    /// <summary>Options and the settings that they are short for.</summary>
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["--folder"] = "ImageSearch:Folder",
        ["--model"] = "ImageSearch:Model",
        ["--store"] = "ImageSearch:Store",
        [AllowEmpty] = "ImageSearch:AllowEmpty",
        ["--urls"] = "urls",
        ["--hosts"] = "AllowedHosts",
    };

    /// <summary>Whether help is asked for, wherever.</summary>
    public static bool AskForHelp(IEnumerable<string> arguments) => arguments.Any(argument => argument is "--help" or "-h" or "-?");

    /// <summary>The settings that were typed. Those without a short form are typed as <c>--ImageSearch:MaxPixels 1000000</c>.</summary>
    /// <exception cref="ArgumentException">There is no such option, or its value is missing.</exception>
    public static Dictionary<string, string?> Read(IReadOnlyList<string> arguments)
    {
        var settings = new Dictionary<string, string?>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var (name, value) = arguments[i].Split('=', 2) is [var before, var after] ? (before, after) : (arguments[i], null);
            if (!Settings.TryGetValue(name, out var setting))
            {
                setting = name.StartsWith("--ImageSearch:", StringComparison.OrdinalIgnoreCase) ? name[2..]
                    : throw new ArgumentException($"There is no option {name}; --help shows those that there are.");
            }
            if (value is null && name == AllowEmpty) value = "true";
            if (value is null && ++i < arguments.Count) value = arguments[i];
            settings[setting] = value ?? throw new ArgumentException($"{name} has no value; --help shows what is expected.");
        }
        return settings;
    }
}
