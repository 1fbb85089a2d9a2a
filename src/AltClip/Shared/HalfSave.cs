using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AltClip.Shared;

/// <summary>
/// A note beside a configuration, while it and its weights are replaced one after the other: what the configuration was, and of which weights. A
/// process that is killed between the two leaves it, and whoever reads the configuration next has the one of the weights that are there.
/// </summary>
/// <param name="Before">The configuration of the weights that are replaced.</param>
/// <param name="AfterHash">Of the configuration that takes its place, in hexadecimal: another one is someone's own, and counts.</param>
/// <param name="Weights">The name of the file that makes those weights count.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Written">When it was last written, in ticks.</param>
internal sealed record HalfSave(string Before, string AfterHash, string Weights, long Length, long Written)
{
    private const string Mark = ".before";

    /// <summary>The name of a configuration's note.</summary>
    public static string NoteOf(string configPath) => configPath + Mark;

    /// <summary>The text of a configuration: that of the weights beside it.</summary>
    /// <param name="path">The configuration.</param>
    public static string ReadConfig(string path)
    {
        string text = File.ReadAllText(path);
        return Read(NoteOf(path)) is { } note && note.AfterHash == Hash(text) && note.IsOf(path) ? note.Before : text;
    }

    /// <summary>Notes what a configuration is before it is replaced, where it is of weights and is going to be another.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="text">What it is going to be.</param>
    /// <param name="weights">The name of the file that makes the weights count that are there; null if there are none.</param>
    public static void Begin(string path, string text, string? weights)
    {
        if (weights is null || !File.Exists(path) || FileStamp.Of(Path.Combine(Path.GetDirectoryName(path)!, weights)) is not { } stamp)
            return;

        string before = ReadConfig(path);
        if (before != text)
            StagedFiles.WriteText(NoteOf(path), JsonSerializer.Serialize(new HalfSave(before, Hash(text), weights, stamp.Length, stamp.Written.Ticks), HalfSaveJson.Default.HalfSave));
    }

    /// <summary>Both are replaced.</summary>
    public static void End(string path)
    {
        File.Delete(NoteOf(path));
        StagedFiles.DeleteLeftOver(NoteOf(path));
    }

    private bool IsOf(string configPath) =>
        FileName.IsOne(Weights) && FileStamp.Of(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(configPath))!, Weights)) is { } stamp
        && (stamp.Length, stamp.Written.Ticks) == (Length, Written);

    private static HalfSave? Read(string path)
    {
        if (!File.Exists(path))
            return null;

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), HalfSaveJson.Default.HalfSave) is { Before: not null, AfterHash: not null, Weights: not null } note ? note : null;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return null; // no note of a save; or it has just ended
        }
    }

    private static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
