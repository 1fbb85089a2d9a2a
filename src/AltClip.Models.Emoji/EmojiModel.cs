namespace AltClip.Models;

/// <summary>
/// The model <c>altclip-emoji</c>, which knows pictures and names of emoji in 117 languages, and no photographs. It comes with this package: nothing is
/// downloaded.
/// </summary>
/// <example>
/// <code>
/// using var pipeline = AltCLIPPipeline.FromPretrained(EmojiModel.Folder);
/// </code>
/// </example>
public static class EmojiModel
{
    private const string Name = "altclip-emoji";

    /// <summary>The model's folder, for any <c>FromPretrained</c>: beside the app, or in the package where that is what is loaded, as in notebooks.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder was left behind when the app was copied.</exception>
    public static string Folder => Find();

    private static string Find()
    {
        var assembly = Path.GetDirectoryName(typeof(EmojiModel).Assembly.Location) is { Length: > 0 } folder ? folder : AppContext.BaseDirectory;
        string[] places = [Path.Combine(AppContext.BaseDirectory, Name), Path.Combine(assembly, Name), Path.Combine(assembly, "..", "..", "model")];
        return places.Select(Path.GetFullPath).FirstOrDefault(place => File.Exists(Path.Combine(place, "config.json")))
            ?? throw new DirectoryNotFoundException($"The model {Name} is not in {places[0]}; expected its folder where the app is, as the build puts it.");
    }
}
