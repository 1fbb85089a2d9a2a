using Npgsql;

namespace AltClip.Search.Postgres;

/// <summary>Connection strings of PostgreSQL: Npgsql's own, and the URIs of libpq, which Npgsql doesn't read.</summary>
internal static class PostgresAddress
{
    private static readonly Dictionary<string, string> Settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["gssencmode"] = "GSS Encryption Mode",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["options"] = "Options",
        ["passfile"] = "Passfile",
    };

    /// <summary>Whether a connection string is one of PostgreSQL.</summary>
    public static bool IsPostgres(string connectionString) => IsUri(connectionString) || ConnectionStrings.HasKey(connectionString, "Host", "Server");

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="ArgumentException">It is malformed. The message has no part that may be a password.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        var builder = IsUri(connectionString) ? FromUri(connectionString) : new NpgsqlConnectionStringBuilder(connectionString);
        if (string.IsNullOrEmpty(builder.Host)) throw new ArgumentException("The connection string names no host.", nameof(connectionString));
        return builder;
    }

    private static bool IsUri(string connectionString) => ConnectionStrings.HasScheme(connectionString, "postgresql", "postgres");

    private static NpgsqlConnectionStringBuilder FromUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
            throw new ArgumentException("The PostgreSQL URI is malformed; expected postgresql://user:password@host:port/database.", "connectionString");
        var builder = new NpgsqlConnectionStringBuilder { Host = uri.DnsSafeHost };
        if (uri.Port > 0) builder.Port = uri.Port;
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } database) builder.Database = Uri.UnescapeDataString(database);
        var user = uri.UserInfo.Split(':', 2);
        if (user[0] is { Length: > 0 } name) builder.Username = Uri.UnescapeDataString(name);
        if (user.Length == 2) builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var setting in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = setting.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (setting, "");
            if (!Settings.TryGetValue(key, out var keyword))
                throw new ArgumentException($"The PostgreSQL URI has the setting '{key}'; known are {string.Join(", ", Settings.Keys)}.", "connectionString");
            builder[keyword] = keyword.EndsWith("Mode", StringComparison.Ordinal) ? value.Replace("-", "") : value;
        }
        return builder;
    }
}
