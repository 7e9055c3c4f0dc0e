using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Coherence;

/// <summary><see cref="ICutOffRegister"/> as a table of the platform database, by the clock of its server.</summary>
internal sealed class CutOffRegister(PlatformDatabase platform) : ICutOffRegister
{
    public Task EnterAsync(CutOffEntry entry, TimeSpan life, CancellationToken cancellationToken) => ExecuteAsync(
        """
        INSERT INTO cut_off_replicas (replica, time, until) VALUES (@Replica, @Time, UTC_TIMESTAMP(6) + INTERVAL @life MICROSECOND)
        ON DUPLICATE KEY UPDATE until = VALUES(until);
        DELETE FROM cut_off_replicas WHERE until < UTC_TIMESTAMP(6) - INTERVAL 1 DAY
        """,
        new { entry.Replica, entry.Time, life = (long)life.TotalMicroseconds },
        cancellationToken);

    public Task LeaveAsync(CutOffEntry entry, CancellationToken cancellationToken) =>
        ExecuteAsync("DELETE FROM cut_off_replicas WHERE replica = @Replica AND time = @Time", entry, cancellationToken);

    public async Task<bool> HasOthersAsync(string replica, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM cut_off_replicas WHERE until > UTC_TIMESTAMP(6) AND replica <> @replica)",
            new { replica },
            cancellationToken: cancellationToken));
    }

    private async Task ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }
}
