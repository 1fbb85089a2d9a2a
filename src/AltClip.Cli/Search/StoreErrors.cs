using System.Data.Common;
using System.Text.RegularExpressions;
using AltClip.Search;

namespace AltClip.Cli;

/// <summary>What databases say when they can't be opened, for those who don't know that there is one.</summary>
internal static partial class StoreErrors
{
    /// <summary>Makes an error of a database one of the store's. Passwords are not in it.</summary>
    /// <param name="place">The file or connection string.</param>
    /// <param name="error">What the database says.</param>
    public static ImageStoreException Explain(string place, DbException error)
    {
        var name = ConnectionStrings.IsPath(place) ? $"The store {place}" : "The store";
        if (LockHolder().Match(error.Message) is { Success: true } holder)
            return new($"{name} is in use by another program{(holder.Groups["process"] is { Success: true, Value: var id } ? $" (process {id})" : "")}; one that writes to it has it to itself.", error);
        if (error.Message.Contains("not a valid DuckDB", StringComparison.OrdinalIgnoreCase))
            return new($"{name} is another kind of file; expected one that {CliConsole.ToolName} index made.", error);
        if (error.Message.Contains("Permission denied", StringComparison.OrdinalIgnoreCase))
            return new($"{name} can't be opened: permission denied. Expected a file that you may read, and to index also write, as its folder.", error);
        return new($"{name} can't be opened: {Call().Replace(ErrorText.Of(error), "")}", error);
    }

    [GeneratedRegex(@"^DuckDBOpen failed: ([A-Z][A-Za-z ]* Error: )?")]
    private static partial Regex Call();

    [GeneratedRegex(@"Could not set lock(.*PID (?<process>\d+))?|being used by another process", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex LockHolder();
}
