using AltClip.Shared;
using AltClip.Training.Data;

namespace AltClip.Cli;

/// <summary>What the inputs that were typed stand for: <c>{000..010}.tar</c> for eleven files, <c>@list</c> for what a file names.</summary>
internal static class InputPaths
{
    /// <summary>The full path of each folder and file.</summary>
    /// <param name="typed">A path, a pattern, or <c>@</c> and the path of a UTF-8 file with a path or pattern a line. What is there under the very name is that.</param>
    /// <exception cref="ArgumentException">A pattern is malformed.</exception>
    /// <exception cref="IOException">A list is not there, is no text, or names nothing.</exception>
    public static string[] Expand(IEnumerable<string> typed) =>
        [.. typed.SelectMany(Listed).SelectMany(Choices).Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))];

    private static IEnumerable<string> Listed(string input)
    {
        if (Path.Exists(input) || input is not ['@', .. { Length: > 0 } list]) return [input];
        if (Directory.Exists(list)) throw new IOException($"{list} is a folder; expected a file with a path a line behind @.");
        if (!File.Exists(list)) throw new FileNotFoundException($"There is no file {list}, whose paths {input} stands for.", list);
        RegularFile.RefuseOthers(list);
        string[] paths = [.. Utf8Text.Lines(list).Where(line => !string.IsNullOrWhiteSpace(line))];
        if (paths.Length == 0) throw new IOException($"{list} names nothing; expected a path a line.");
        return paths.Any(path => path.Contains('\0')) ? throw new IOException($"{list} is no text; expected a path a line.") : paths;
    }

    private static IEnumerable<string> Choices(string path) => Path.Exists(path) ? [path] : BracePattern.Expand(path);
}
