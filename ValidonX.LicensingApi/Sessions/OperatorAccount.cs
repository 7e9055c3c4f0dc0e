using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>
/// Makes sure that the configured operator can log in, once the platform database is there. Several replicas may do it at once. Not
/// ready before that is done.
/// </summary>
internal sealed partial class OperatorAccount(
    PlatformDatabase platform,
    PasswordHasher passwords,
    IOptions<OperatorOptions> options,
    TimeProvider time,
    ILogger<OperatorAccount> logger) : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private volatile bool _isDone;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_isDone ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The operator's account is not there yet."));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Gives the host its start: this client's database calls block.
        await Task.Yield();
        while (!_isDone)
        {
            try
            {
                await EnsureAsync(stoppingToken);
                _isDone = true;
            }
            catch (Exception notYet) when (notYet is DbException or TimeoutException)
            {
                Log.NotYet(logger, notYet.Message);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (options.Value is not { Password: { Length: > 0 } password } || !EmailAddress.TryParse(options.Value.Email, out var address))
        {
            return;
        }

        var email = address.Value;
        await using var connection = await platform.OpenAsync(cancellationToken);
        var stored = await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "SELECT password_hash FROM admins WHERE email = @email",
            new { email },
            cancellationToken: cancellationToken));
        if (stored is not null && passwords.Verify(stored, password))
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO admins (id, email, name, password_hash, created_at, updated_at) VALUES (@id, @email, 'Operator', @hash, @now, @now)
            ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash), updated_at = VALUES(updated_at)
            """,
            new { id = Guid.CreateVersion7(), email, hash = passwords.Hash(password), now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        Log.Ensured(logger, stored is null ? "created" : "given its new password");
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The configured operator's account was {What}.")]
        public static partial void Ensured(ILogger logger, string what);

        [LoggerMessage(2, LogLevel.Warning, "The operator's account must wait for the platform database: {Reason}")]
        public static partial void NotYet(ILogger logger, string reason);
    }
}
