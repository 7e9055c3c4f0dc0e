using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>
/// Keeps <c>license_keys.last_used_at</c> without a write per request: uses are noted in memory and written every ten seconds and at
/// shutdown, one statement per tenant (and 500 licenses). A crash forgets at most one interval.
/// </summary>
internal sealed partial class LicenseUse(
    TenantDatabases databases,
    DatabaseOutage outage,
    TimeProvider time,
    ILogger<LicenseUse> logger) : BackgroundService
{
    private const int StatementSize = 500;
    private const int MaximumNoted = 500_000;

    /// <summary>How often what is noted is written.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentQueue<(TenantPlacement Placement, LicenseView License)> _noted = new();

    /// <summary>Notes a use.</summary>
    public void Note(TenantPlacement placement, LicenseView license)
    {
        if (!license.TryNoteUse())
        {
            return;
        }

        if (_noted.Count < MaximumNoted)
        {
            _noted.Enqueue((placement, license));
        }
        else
        {
            license.ForgetUse();
        }
    }

    /// <summary>Writes what is noted. A tenant whose database does not answer loses this round's.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var uses = new List<(TenantPlacement Placement, LicenseView License)>();
        while (_noted.TryDequeue(out var use))
        {
            use.License.ForgetUse();
            uses.Add(use);
        }

        foreach (var tenant in uses.GroupBy(use => use.Placement))
        {
            try
            {
                await using var scope = await databases.OpenAsync(tenant.Key, cancellationToken);
                foreach (var ids in tenant.Select(use => use.License.Id.ToString()).Distinct(StringComparer.Ordinal).Chunk(StatementSize))
                {
                    await scope.Connection.ExecuteAsync(new CommandDefinition(
                        "UPDATE license_keys SET last_used_at = @now WHERE id IN @ids",
                        new { now, ids },
                        cancellationToken: cancellationToken));
                }
            }
            catch (Exception away) when (DatabaseError.IsUnavailable(away))
            {
                outage.Note(away);
            }
            catch (Exception failure) when (failure is DbException or InvalidOperationException)
            {
                Log.NotWritten(logger, tenant.Key.TenantId, failure);
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The last flush is StopAsync's.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The last use of licenses of tenant {TenantId} was not written.")]
        public static partial void NotWritten(ILogger logger, Guid tenantId, Exception exception);
    }
}
