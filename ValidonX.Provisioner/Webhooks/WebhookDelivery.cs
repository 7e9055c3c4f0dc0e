using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>
/// Delivers tenants' events to their receivers, at least once. An endpoint is served in turns of bounded length, many endpoints at once, few of one tenant; so a receiver that is dead or slow, and a
/// tenant with very many events, keep places of their own and nobody else's. Whatever dies: an event that is not known to be taken is sent again, under its old id.
/// </summary>
internal sealed partial class WebhookDelivery(
    WebhookFanOut fanOut, EndpointTurns turns, EndpointService service, WebhookMetrics metrics, IWakeup wakeup, DatabaseOutage outage, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<WebhookDelivery> logger)
{
    private const int MostFound = 32;

    /// <summary>What is under way when the process is asked to stop has so long to end.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan BetweenMeasures = TimeSpan.FromSeconds(10);

    private readonly Dictionary<Task, Guid> _running = [];

    /// <summary>Works until the token is canceled.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(MakeDeliveriesAsync(stopping), DeliverAsync(stopping), MeasureAsync(stopping));

    private async Task MakeDeliveriesAsync(CancellationToken stopping)
    {
        using var signals = wakeup.Listen(WebhookIntake.WakeupChannel);
        await RepeatAsync(
            async () =>
            {
                var (more, made) = await fanOut.RunAsync(stopping);
                if (made)
                {
                    wakeup.Signal(WebhookIntake.WakeupChannel);
                }

                if (!more)
                {
                    await signals.WaitAsync(options.Value.Poll, stopping);
                }
            },
            stopping);
    }

    private async Task DeliverAsync(CancellationToken stopping)
    {
        using var signals = wakeup.Listen(WebhookIntake.WakeupChannel);
        using var abandon = new CancellationTokenSource();
        using var farewell = stopping.Register(() => abandon.CancelAfter(Farewell));
        Task? signal = null;
        await RepeatAsync(
            async () =>
            {
                foreach (var ended in _running.Keys.Where(task => task.IsCompleted).ToList())
                {
                    _running.Remove(ended);
                }

                if (!await BeginTurnsAsync(stopping, abandon.Token))
                {
                    signal ??= signals.WaitAsync(options.Value.Poll, stopping);
                    await Task.WhenAny(_running.Keys.Append(signal));
                    signal = signal.IsCompleted ? null : signal;
                }
            },
            stopping);
        await Task.WhenAll(_running.Keys);
    }

    /// <summary>Gives turns to those who wait, as far as there are places.</summary>
    private async Task<bool> BeginTurnsAsync(CancellationToken stopping, CancellationToken abandon)
    {
        var free = options.Value.AtOnce - _running.Count;
        if (free <= 0)
        {
            return false;
        }

        var taken = _running.Values.CountBy(tenant => tenant).ToDictionary();
        var full = taken.Where(one => one.Value >= options.Value.PerTenant).Select(one => one.Key).ToList();
        var begun = false;
        foreach (var (id, tenant) in await turns.FindAsync(Math.Min(free, MostFound), options.Value.PerTenant, full, stopping))
        {
            if (taken.GetValueOrDefault(tenant) < options.Value.PerTenant && await turns.TakeAsync(id, stopping) is { } turn)
            {
                taken[tenant] = taken.GetValueOrDefault(tenant) + 1;
                _running.Add(Task.Run(() => ServeAsync(turn, stopping, abandon), CancellationToken.None), tenant);
                begun = true;
            }
        }

        return begun;
    }

    private async Task ServeAsync(EndpointTurn turn, CancellationToken stopping, CancellationToken abandon)
    {
        try
        {
            await service.ServeAsync(turn, stopping, abandon);
        }
        catch (Exception away) when (DatabaseError.IsUnavailable(away))
        {
            // The lease ends by itself.
            outage.Note(away);
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            // What was under way is sent again by another.
        }
        catch (Exception failure)
        {
            Log.NotServed(logger, turn.Id, turn.TenantId, failure);
        }
    }

    private async Task MeasureAsync(CancellationToken stopping) =>
        await RepeatAsync(
            async () =>
            {
                metrics.SetBacklog(await turns.BacklogAsync(stopping));
                await Task.Delay(BetweenMeasures, time, stopping);
            },
            stopping);

    private async Task RepeatAsync(Func<Task> work, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await work();
                continue;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away) when (DatabaseError.IsUnavailable(away))
            {
                outage.Note(away);
            }
            catch (Exception failure)
            {
                Log.NotKeptUp(logger, failure);
            }

            await Task.WhenAny(Task.Delay(options.Value.Poll, time, stopping));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A turn of the webhook endpoint {EndpointId} of tenant {TenantId} ended too early; the next one is made when its lease is over.")]
        public static partial void NotServed(ILogger logger, Guid endpointId, Guid tenantId, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "Webhooks have to wait.")]
        public static partial void NotKeptUp(ILogger logger, Exception exception);
    }
}
