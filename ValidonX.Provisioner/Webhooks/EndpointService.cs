using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>Serves one endpoint for one turn: what is due, a few at once or in order, for a bounded time.</summary>
internal sealed partial class EndpointService(
    EndpointTurns turns, DeliverySender sender, DeliveryJournal journal, SecretSealer sealer, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<EndpointService> logger)
{
    /// <summary>What an endpoint waits for whose secret cannot be opened, before it is looked at again.</summary>
    private static readonly TimeSpan Unreadable = TimeSpan.FromMinutes(10);

    /// <summary>Makes the turn's deliveries, and gives the turn back.</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="stopping">Begins no further delivery.</param>
    /// <param name="abandon">Leaves those that are under way; they are made again.</param>
    public async Task ServeAsync(EndpointTurn turn, CancellationToken stopping, CancellationToken abandon)
    {
        var isReadable = await DeliverAsync(turn, stopping, abandon);
        if (!isReadable)
        {
            Log.SealedOtherwise(logger, turn.Id, turn.TenantId);
        }

        await turns.GiveBackAsync(turn, isReadable ? null : time.GetUtcNow() + Unreadable);
    }

    /// <returns>Whether the endpoint's keys could be opened.</returns>
    private async Task<bool> DeliverAsync(EndpointTurn turn, CancellationToken stopping, CancellationToken abandon)
    {
        using var client = sender.CreateClient();
        var began = time.GetTimestamp();
        // Later ones would still be under way when the lease ends.
        var last = turn.LeaseUntil - options.Value.Timeout - TimeSpan.FromSeconds(15);
        var isHealthy = turn.Failures == 0;
        for (var made = 0; made < options.Value.Turn;)
        {
            if (stopping.IsCancellationRequested || time.GetElapsedTime(began) >= options.Value.TurnTime || time.GetUtcNow() >= last)
            {
                return true;
            }

            // With the endpoint as it is now: whoever has rotated its secret, disabled or deleted it need not wait for the end of a turn.
            var (now, due) = await turns.NextAsync(turn, isHealthy ? options.Value.PerEndpoint : 1, abandon);
            if (now is null || due.Count == 0)
            {
                return true;
            }

            turn = now;
            if (KeysOf(turn) is not { } keys)
            {
                return false;
            }

            var recorded = await Task.WhenAll(due.Select(delivery => DeliverAsync(client, turn, keys, delivery, abandon)));
            made += due.Count;
            isHealthy = Array.TrueForAll(recorded, one => one.IsHealthy);
            if (!Array.TrueForAll(recorded, one => one.GoesOn) || (!isHealthy && turn.IsOrdered))
            {
                return true;
            }
        }

        return true;
    }

    private async Task<Recorded> DeliverAsync(HttpMessageInvoker client, EndpointTurn turn, EndpointKeys keys, WaitingDelivery delivery, CancellationToken abandon)
    {
        using var activity = WebhookMetrics.Begin(turn, delivery);
        var outcome = await sender.SendAsync(client, turn.Url, keys, delivery, abandon);
        if (outcome.Error is not null)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, outcome.Error);
        }

        // Whoever gave up here would have it delivered again; the lease says for how long it makes sense to try.
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await journal.RecordAsync(turn, delivery, outcome, CancellationToken.None);
            }
            catch (Exception away) when ((away is DbException || DatabaseError.IsFailure(away)) && !abandon.IsCancellationRequested && time.GetUtcNow() < turn.LeaseUntil)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100 * Math.Min(attempt, 20)), time, CancellationToken.None);
            }
        }
    }

    private EndpointKeys? KeysOf(EndpointTurn turn)
    {
        try
        {
            var before = turn is { PreviousSealedSecret: { } secret, PreviousSealedSigningKey: { } signingKey } && turn.PreviousUntil > time.GetUtcNow()
                ? WebhookKeys.Open(sealer, turn.Id, secret, signingKey)
                : null;
            return turn.SealedSigningKey is { } key ? new EndpointKeys(WebhookKeys.Open(sealer, turn.Id, turn.SealedSecret, key), before) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Nothing is delivered to the webhook endpoint {EndpointId} of tenant {TenantId}: its secret was sealed with another key than Secrets:DataEncryptionKey.")]
        public static partial void SealedOtherwise(ILogger logger, Guid endpointId, Guid tenantId);
    }
}
