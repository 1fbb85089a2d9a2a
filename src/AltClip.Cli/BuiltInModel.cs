namespace AltClip.Cli;

/// <summary>The model that comes with the tool.</summary>
internal static class BuiltInModel
{
    public const string Notice =
        "Note: the built-in model is a test checkpoint with random weights, so its labels are arbitrary. Give --model FOLDER for a real one.";

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "model");
}
