using System.Data.Common;

namespace AltClip.Search.Sql;

/// <summary>Statements with the parameters <c>$1</c>, <c>$2</c>, …</summary>
public static class SqlCommands
{
    /// <summary>Makes a statement.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="text">The statement.</param>
    /// <param name="values">The values of <c>$1</c>, <c>$2</c>, …</param>
    /// <returns>The statement, which the caller disposes.</returns>
    public static DbCommand CreateCommand(this DbConnection connection, string text, params ReadOnlySpan<object> values)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var value in values)
        {
            var parameter = command.CreateParameter();
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>Runs a statement without parameters.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="text">The statement.</param>
    /// <param name="cancellationToken">Gives up the call.</param>
    public static async Task ExecuteAsync(this DbConnection connection, string text, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand(text);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
