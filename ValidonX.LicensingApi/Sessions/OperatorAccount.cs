using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>
/// Makes sure that the configured operator can log in, once the platform database is there. A configured password that is not the stored one
/// replaces it and ends the operator's sessions. Several replicas may do it at once. Not ready before that is done. An operator who was disabled stays so, also when named here:
/// whoever is locked out of everything names another address.
/// </summary>
internal sealed partial class OperatorAccount(
    PlatformDatabase platform,
    PasswordHasher passwords,
    AccessTokens tokens,
    AuditLog auditLog,
    ICoherence coherence,
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
        while (true)
        {
            try
            {
                await EnsureAsync(stoppingToken);
                return;
            }
            catch (Exception notYet) when (DatabaseError.IsFailure(notYet) || notYet is ChangeNotAnnouncedException or ApiException)
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
            _isDone = true;
            return;
        }

        Account? stored;
        await using (var connection = await platform.OpenAsync(cancellationToken))
        {
            stored = await connection.QuerySingleOrDefaultAsync<Account>(new CommandDefinition(
                "SELECT id, password_hash, disabled_at IS NOT NULL AS is_disabled FROM admins WHERE email = @email",
                new { email = address.Value },
                cancellationToken: cancellationToken));
        }

        if (stored is { IsDisabled: true })
        {
            Log.Disabled(logger);
            _isDone = true;
            return;
        }

        var hash = stored is not null && await passwords.VerifyAsync(stored.PasswordHash, password, cancellationToken)
            ? null
            : await passwords.HashAsync(password, cancellationToken);
        var ended = await platform.TransactAsync((transaction, token) => EnsureAsync(transaction, address, stored, hash, token), cancellationToken);
        if (hash is not null)
        {
            Log.Ensured(logger, stored is null ? "created" : "given its new password, which ended its sessions");
        }

        // Sign-ins are right from here on; what is left is to tell gateways of tokens that were ended, which Redis may delay.
        _isDone = true;
        // Also when the password is the stored one: an earlier start may have died between its commit and this.
        await coherence.InvalidateAsync([.. ended.Select(CacheKeys.Token)], cancellationToken);
    }

    private async Task<IReadOnlyList<Guid>> EnsureAsync(
        DbTransaction transaction, EmailAddress email, Account? stored, string? hash, CancellationToken cancellationToken)
    {
        if (hash is not null)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO admins (id, email, name, password_hash, created_at, updated_at) VALUES (@id, @email, 'Operator', @hash, @now, @now)
                ON DUPLICATE KEY UPDATE password_hash = VALUES(password_hash), updated_at = VALUES(updated_at)
                """,
                new { id = Guid.CreateVersion7(), email = email.Value, hash, now = time.GetUtcNow() },
                transaction,
                cancellationToken: cancellationToken));
        }

        if (stored is null)
        {
            return [];
        }

        if (hash is not null)
        {
            var now = time.GetUtcNow();
            await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.OperatorInvite, stored.Id, now, cancellationToken);
            await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.OperatorReset, stored.Id, now, cancellationToken);
            await tokens.RevokeAllAsync(transaction, TokenOwners.Admin, stored.Id, except: null, cancellationToken);
            await auditLog.WriteAsync(
                transaction,
                new AuditEvent("operator.password_changed", TenantId: null) { SubjectType = "operator", SubjectId = stored.Id.ToString() },
                cancellationToken);
        }

        return await tokens.EndedAsync(transaction, TokenOwners.Admin, stored.Id, cancellationToken);
    }

    private sealed record Account
    {
        public Guid Id { get; init; }

        public string? PasswordHash { get; init; }

        public bool IsDisabled { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The configured operator's account was {What}.")]
        public static partial void Ensured(ILogger logger, string what);

        [LoggerMessage(2, LogLevel.Warning, "The operator's account must wait: {Reason}")]
        public static partial void NotYet(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "The configured operator (Operator:Email) was disabled and stays so. Another operator can enable the account; or name another address.")]
        public static partial void Disabled(ILogger logger);
    }
}
