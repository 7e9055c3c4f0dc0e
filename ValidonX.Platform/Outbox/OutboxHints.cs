using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;

namespace ValidonX.Platform.Outbox;

/// <summary>
/// Tells the provisioner which tenants' outboxes have something in them: noted in memory after the commit, written to the platform database
/// behind the caller's back, all that came meanwhile in one statement. No more than a hint: what is lost with the process is
/// found by the provisioner's own looks.
/// </summary>
public sealed partial class OutboxHints(PlatformDatabase platform, IWakeup wakeup, TimeProvider time, ILogger<OutboxHints> logger) : BackgroundService
{
    /// <summary>The channel that is signaled once a hint is written.</summary>
    public const string WakeupChannel = "outbox";

    private const int StatementSize = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Guid, string> _noted = new();
    private readonly SemaphoreSlim _some = new(0, 1);

    /// <summary>The statement that makes a tenant's outbox due, for who writes in the platform database anyway.</summary>
    public static FormattableString Due(TenantPlacement placement) =>
        $"""
        INSERT INTO outbox_tenants (tenant_id, server_name, due_at, waiting_since) VALUES ({placement.TenantId}, {placement.ServerName}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
        ON DUPLICATE KEY UPDATE due_at = LEAST(due_at, VALUES(due_at)), waiting_since = COALESCE(waiting_since, VALUES(waiting_since))
        """;

    /// <summary>Notes that the tenant has a new event. Never waits.</summary>
    public void Note(TenantPlacement placement)
    {
        _noted[placement.TenantId] = placement.ServerName;
        lock (_some)
        {
            if (_some.CurrentCount == 0)
            {
                _some.Release();
            }
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                await _some.WaitAsync(stoppingToken);
                while (!await TryFlushAsync(stoppingToken))
                {
                    await Task.Delay(Pause, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The last flush is StopAsync's.
        }
    }

    private async Task<bool> TryFlushAsync(CancellationToken cancellationToken)
    {
        while (!_noted.IsEmpty)
        {
            var some = _noted.Take(StatementSize).ToList();
            try
            {
                // Out before in: who notes the tenant from now on is written once more.
                foreach (var one in some)
                {
                    _noted.TryRemove(one);
                }

                await WriteAsync(some, cancellationToken);
                wakeup.Signal(WakeupChannel);
            }
            catch (Exception failure)
            {
                foreach (var one in some)
                {
                    _noted.TryAdd(one.Key, one.Value);
                }

                if (!DatabaseError.IsFailure(failure))
                {
                    throw;
                }

                Log.NotWritten(logger, failure.Message);
                return false;
            }
        }

        return true;
    }

    private async Task WriteAsync(IReadOnlyList<KeyValuePair<Guid, string>> some, CancellationToken cancellationToken)
    {
        var parameters = new DynamicParameters();
        foreach (var (index, (tenant, server)) in some.Index())
        {
            parameters.Add($"t{index}", tenant);
            parameters.Add($"s{index}", server);
        }

        await using var connection = await platform.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            INSERT INTO outbox_tenants (tenant_id, server_name, due_at, waiting_since)
            VALUES {string.Join(", ", some.Select((_, index) => $"(@t{index}, @s{index}, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"))}
            ON DUPLICATE KEY UPDATE
              server_name = VALUES(server_name),
              due_at = LEAST(due_at, VALUES(due_at)),
              waiting_since = COALESCE(waiting_since, VALUES(waiting_since))
            """,
            parameters,
            cancellationToken: cancellationToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Events of tenants wait for the provisioner's own look: the platform database does not answer. {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}
