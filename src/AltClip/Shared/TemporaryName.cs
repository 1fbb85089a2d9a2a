namespace AltClip.Shared;

/// <summary>What files and folders are called while they are written, beside the name that they get when they are whole.</summary>
internal static class TemporaryName
{
    private const string End = ".tmp";
    private const int Digits = 32;

    // The point before the digits, too.
    private static readonly int Length = 1 + Digits + End.Length;

    /// <summary>A name that nothing has.</summary>
    public static string Beside(string path) => $"{path}.{Guid.NewGuid():N}{End}";

    /// <summary>Finds those of all names in a folder, and a few others: see <see cref="Is"/>.</summary>
    public const string Any = "*" + End;

    /// <summary>Whether a path has the form that <see cref="Beside"/> gives.</summary>
    public static bool Is(string path) =>
        Path.GetFileName(path) is var name && name.Length > Length && name[^Length] == '.' && Guid.TryParseExact(name[^(Length - 1)..^End.Length], "N", out _);

    /// <summary>The name, without its folder, of which a path is the temporary one.</summary>
    public static string Final(string path) => Path.GetFileName(path)[..^Length];
}
