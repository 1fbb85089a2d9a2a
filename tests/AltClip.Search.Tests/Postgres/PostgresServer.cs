using System.Diagnostics;
using AltClip.Tests;
using Npgsql;
using Xunit;

namespace AltClip.Search.Tests;

/// <summary>A PostgreSQL with pgvector of its own, from npm; <c>tests/needs</c> installs it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly string Folder = TestData.Path("..", "AltClip.Search.Tests", "node");

    private readonly Process _process = new()
    {
        StartInfo = new ProcessStartInfo("node", ["postgres.mjs"])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        },
    };

    /// <summary>It is one session, so that one connection at a time is used.</summary>
    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Assert.True(Directory.Exists(Path.Combine(Folder, "node_modules")), "The PostgreSQL of the tests is missing; run tests/needs.");
        _process.Start();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var port = await _process.StandardOutput.ReadLineAsync(patience.Token);
        ConnectionString = $"Host=127.0.0.1;Port={port};Username=postgres;Password=secret;Database=postgres;"
            + "SSL Mode=Disable;GSS Encryption Mode=Disable;Maximum Pool Size=1";
    }

    /// <summary>Forgets everything.</summary>
    public async Task ClearAsync()
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString);
        await using var command = source.CreateCommand("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // The server ends with its input.
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
