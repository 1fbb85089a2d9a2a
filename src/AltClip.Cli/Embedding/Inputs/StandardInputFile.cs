namespace AltClip.Cli;

/// <summary>Lines of standard input, which are kept in the folder of the results: a job that goes on reads its inputs again.</summary>
internal static class StandardInputFile
{
    private const string Name = "standard-input.txt";

    /// <summary>Puts standard input into a file.</summary>
    /// <param name="input">Standard input, which is read to its end.</param>
    /// <param name="output">The folder of the results.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="EmbedException">There are no lines, or the folder has the results of others.</exception>
    public static string Save(Stream input, string output)
    {
        using var lines = new MemoryStream();
        input.CopyTo(lines);
        if (lines.Length == 0) throw new EmbedException("standard input is empty; expected a line for each input.");
        var path = Path.Combine(output, Name);
        if (File.Exists(path))
        {
            return File.ReadAllBytes(path).AsSpan().SequenceEqual(lines.ToArray()) ? path
                : throw new EmbedException($"{output} was begun with other lines of standard input. Give another output folder.");
        }
        Directory.CreateDirectory(output);
        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        File.WriteAllBytes(beside, lines.ToArray());
        File.Move(beside, path, overwrite: true);
        return path;
    }
}
