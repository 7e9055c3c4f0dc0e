using System.ComponentModel.DataAnnotations;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Redis;
using ValidonX.Provisioner.Upkeep;

namespace ValidonX.Provisioner.Billing;

/// <summary>Configuration section <c>Provisioner</c>: what concerns billing.</summary>
internal sealed class DueSubscriptionOptions
{
    /// <summary>How often a provisioner looks for subscriptions that have something due.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan BillingInterval { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>
/// Moves on the subscriptions that have something due: one query finds them by the moment that each one's row names, however many there are. Each is moved
/// in a transaction of its own under its row's lock, so several provisioners may look at once, and one that dies has done a step wholly or not at all.
/// </summary>
internal sealed partial class DueSubscriptions(
    PlatformDatabase platform,
    BillingCycle cycle,
    Metering metering,
    IWakeup wakeup,
    IEnumerable<IBillingObserver> observers,
    IOptions<DueSubscriptionOptions> options,
    TimeProvider time,
    ILogger<DueSubscriptions> logger)
{
    private const int AtOnce = 200;

    private static readonly AuditEvent Cause = new("", null);

    private readonly IBillingObserver[] _observers = [.. observers];

    /// <summary>Goes on until the token is canceled.</summary>
    public Task RunAsync(CancellationToken stopping) => Rounds.RunAsync(options.Value.BillingInterval, time, TryAdvanceAsync, stopping);

    /// <summary>Moves on all that are due now. One that cannot be, because its tenant's database is away, is tried again at the next look and holds nobody up.</summary>
    public async Task AdvanceAsync(CancellationToken cancellationToken)
    {
        var after = (At: DateTimeOffset.UnixEpoch.AddDays(-1), Id: Guid.Empty);
        while (await FindAsync(after, cancellationToken) is { Count: > 0 } due)
        {
            foreach (var one in due)
            {
                after = (one.NextLookAt, one.Id);
                try
                {
                    await AdvanceAsync(one.TenantId, cancellationToken);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    Log.NotMoved(logger, one.TenantId, failure);
                }
            }
        }
    }

    private async Task TryAdvanceAsync(CancellationToken stopping)
    {
        try
        {
            await AdvanceAsync(stopping);
        }
        catch (Exception failure) when (DatabaseError.IsFailure(failure))
        {
            Log.NotLooked(logger, failure.Message);
        }
    }

    private async Task AdvanceAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        var use = await metering.ReadAsync(tenantId, time.GetUtcNow(), cancellationToken);
        await platform.TransactAsync(
            async (transaction, token) =>
            {
                if (await Subscription.LockAsync(transaction, tenantId, token) is { } subscription && subscription.NextLookAt <= time.GetUtcNow())
                {
                    await cycle.AdvanceAsync(transaction, subscription, use, Cause, token);
                    foreach (var observer in _observers)
                    {
                        observer.Committing(tenantId);
                    }
                }
            },
            cancellationToken);
        foreach (var observer in _observers)
        {
            observer.Committed(tenantId);
        }

        wakeup.Signal(JobWorkers.WakeupChannel);
    }

    private async Task<IReadOnlyList<Due>> FindAsync((DateTimeOffset At, Guid Id) after, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<Due>(new CommandDefinition(
            """
            SELECT s.id, s.tenant_id, s.next_look_at FROM subscriptions s JOIN tenants t ON t.id = s.tenant_id
            WHERE s.next_look_at <= @now AND (s.next_look_at > @At OR (s.next_look_at = @At AND s.id > @Id)) AND t.status IN ('active', 'suspended')
            ORDER BY s.next_look_at, s.id LIMIT @AtOnce
            """,
            new { now = time.GetUtcNow(), after.At, after.Id, AtOnce },
            cancellationToken: cancellationToken))).AsList();
    }

    private sealed record Due
    {
        public Guid Id { get; init; }

        public Guid TenantId { get; init; }

        public DateTimeOffset NextLookAt { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Subscriptions that have something due could not be looked for; the next look will. {Reason}")]
        public static partial void NotLooked(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "The subscription of tenant {TenantId} could not be moved on; the next look will.")]
        public static partial void NotMoved(ILogger logger, Guid tenantId, Exception exception);
    }
}
