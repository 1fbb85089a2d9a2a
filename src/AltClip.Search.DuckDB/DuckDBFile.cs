using System.Data.Common;
using DuckDB.NET.Data;

namespace AltClip.Search.DuckDB;

/// <summary>A DuckDB file as a connection string names it.</summary>
/// <param name="Path">The full path.</param>
/// <param name="ConnectionString">What DuckDB is given.</param>
internal sealed record DuckDBFile(string Path, string ConnectionString)
{
    public const string Format = "a file's path or Data Source=…";

    /// <summary>Whether a connection string is one of DuckDB.</summary>
    public static bool IsDuckDB(string connectionString) => HasDataSource(connectionString) || ConnectionStrings.IsPath(connectionString);

    /// <exception cref="ArgumentException">It names no file.</exception>
    public static DuckDBFile Parse(string connectionString, bool readOnly)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        // What is meant for another database is no name for a file.
        if (!IsDuckDB(connectionString))
            throw new ArgumentException($"Found {ConnectionStrings.Describe(connectionString)}; expected {Format}.", nameof(connectionString));
        var builder = new DbConnectionStringBuilder();
        if (HasDataSource(connectionString)) builder.ConnectionString = connectionString;
        else builder["Data Source"] = connectionString;
        var path = (builder.TryGetValue("Data Source", out var source) || builder.TryGetValue("DataSource", out source) ? source as string : null) ?? "";
        if (path is "" || path.StartsWith(':'))
            throw new ArgumentException($"'{path}' names no file; expected {Format}.", nameof(connectionString));
        path = System.IO.Path.GetFullPath(path);
        builder.Remove("DataSource");
        builder["Data Source"] = path;
        // Everything that is needed is built in; nothing is to be fetched from the network.
        builder["autoinstall_known_extensions"] = "false";
        if (readOnly) builder["access_mode"] = "READ_ONLY";
        return new DuckDBFile(path, builder.ConnectionString);
    }

    public static async Task<DuckDBConnection> ConnectAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new DuckDBConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static bool HasDataSource(string connectionString) => ConnectionStrings.HasKey(connectionString, "Data Source", "DataSource");
}
