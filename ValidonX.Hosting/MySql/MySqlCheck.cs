using MySqlConnector;

namespace ValidonX.Hosting.MySql;

/// <summary>Whether a server lets in whom it should: it does so only after it has run its init file.</summary>
internal static class MySqlCheck
{
    public static async Task AskAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new MySqlConnectionStringBuilder(connectionString) { Pooling = false };
        await using var connection = new MySqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
    }
}
