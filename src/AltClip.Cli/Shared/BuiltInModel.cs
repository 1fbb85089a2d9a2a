namespace AltClip.Cli;

/// <summary>The model that comes with the tool: <c>models/altclip-emoji</c>.</summary>
internal static class BuiltInModel
{
    /// <summary>What stores of its embeddings call it.</summary>
    public const string Name = "altclip-emoji";

    public const string Notice = "The model is altclip-emoji, which has seen nothing but emoji. For photographs, give --model BAAI/AltCLIP or a folder.";

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "model");
}
