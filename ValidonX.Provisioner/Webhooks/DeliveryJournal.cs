using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>What a record of a try means for the endpoint's turn.</summary>
/// <param name="GoesOn">Whether further deliveries may be made in it.</param>
/// <param name="IsHealthy">Whether the receiver has taken this one.</param>
internal sealed record Recorded(bool GoesOn, bool IsHealthy);

/// <summary>
/// Writes down what came of a try: the attempt, the delivery, the endpoint's health, and where it disables the endpoint the notice, in one transaction. A try that somebody else has
/// recorded meanwhile, because its worker's lease was over, is not recorded a second time.
/// </summary>
internal sealed class DeliveryJournal(
    PlatformDatabase platform, AuditLog audit, MailOutbox mails, IOptions<MailLinkOptions> links, IWakeup wakeup, WebhookMetrics metrics, IOptions<DeliveryOptions> options, Random random, TimeProvider time)
{
    private static readonly TimeSpan MailLife = TimeSpan.FromDays(7);

    /// <summary>Records a try.</summary>
    /// <exception cref="DbException">The database does not answer: the delivery is made again.</exception>
    public async Task<Recorded> RecordAsync(EndpointTurn turn, WaitingDelivery delivery, DeliveryOutcome outcome, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var pause = outcome.IsSuccess || outcome.IsGone || delivery.Body is null ? null : RetrySchedule.After((int)(delivery.Attempts - delivery.SeriesStart) + 1, outcome.RetryAfter, random);
        var status = outcome.IsSuccess ? DeliveryStatus.Succeeded : pause is null ? DeliveryStatus.Failed : DeliveryStatus.Pending;
        var (recorded, disabled) = await platform.TransactAsync(
            async (transaction, token) =>
            {
                var (endpoint, isOurs) = await UpdateAsync(transaction, turn, delivery, outcome, status, now + pause, now, token);
                if (endpoint is null || !isOurs)
                {
                    return (new Recorded(endpoint is not null, IsHealthy: true), (string?)null);
                }

                var health = endpoint.After(outcome, isGivenUp: status == DeliveryStatus.Failed, delivery.Body is not null, options.Value, now);
                await WriteAsync(transaction, turn, delivery, outcome, health, now, token);
                if (health.DisabledReason is { } reason)
                {
                    await TellAsync(transaction, turn, outcome.Url, reason, now, token);
                }

                return (new Recorded(health is { DisabledReason: null, PausedUntil: null } && endpoint.Status == WebhookStatus.Enabled, outcome.IsSuccess), health.DisabledReason);
            },
            cancellationToken);
        metrics.Tried(turn, status == DeliveryStatus.Pending ? "postponed" : status, outcome.Duration);
        if (disabled is not null)
        {
            metrics.Disabled(turn, disabled);
            wakeup.Signal(MailOutbox.WakeupChannel);
            wakeup.Signal(WebhookIntake.WakeupChannel);
        }

        return recorded;
    }

    /// <summary>The endpoint is locked first, as by all who change both.</summary>
    private static async Task<(Health? Endpoint, bool IsOurs)> UpdateAsync(
        DbTransaction transaction, EndpointTurn turn, WaitingDelivery delivery, DeliveryOutcome outcome, string status, DateTimeOffset? next, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var rows = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT status, CAST(failures AS SIGNED) AS failures, CAST(exhausted AS SIGNED) AS exhausted, failing_since FROM webhook_endpoints WHERE id = @endpointId FOR UPDATE;
            UPDATE webhook_deliveries SET status = @status, attempts = attempts + 1, response_status = @ResponseStatus, delivered_at = COALESCE(@deliveredAt, delivered_at),
              next_attempt_at = IF(@status = '{DeliveryStatus.Pending}' AND series_start <> @SeriesStart, next_attempt_at, @next), updated_at = @now
            WHERE id = @Id AND status = '{DeliveryStatus.Pending}' AND attempts = @Attempts;
            SELECT ROW_COUNT()
            """,
            new
            {
                endpointId = turn.Id,
                delivery.Id,
                delivery.Attempts,
                delivery.SeriesStart,
                outcome.ResponseStatus,
                status,
                next,
                deliveredAt = outcome.IsSuccess ? now : (DateTimeOffset?)null,
                now,
            },
            transaction,
            cancellationToken: cancellationToken));
        var endpoint = await rows.ReadSingleOrDefaultAsync<Health>();
        return (endpoint, await rows.ReadSingleAsync<long>() == 1);
    }

    private static Task<int> WriteAsync(
        DbTransaction transaction, EndpointTurn turn, WaitingDelivery delivery, DeliveryOutcome outcome, Health health, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO webhook_attempts (delivery_id, number, tenant_id, url, response_status, response_body, error, duration_ms, attempted_at)
            VALUES (@Id, @number, @TenantId, @Url, @ResponseStatus, @ResponseBody, @Error, @duration, @At)
            ON DUPLICATE KEY UPDATE webhook_attempts.number = webhook_attempts.number;
            UPDATE webhook_endpoints SET failures = @Failures, exhausted = @Exhausted, failing_since = @FailingSince, paused_until = @PausedUntil, status = @Status,
              disabled_reason = COALESCE(@DisabledReason, disabled_reason), updated_at = IF(@DisabledReason IS NULL, updated_at, @now)
            WHERE id = @endpointId
            """,
            new
            {
                delivery.Id,
                number = delivery.Attempts + 1,
                turn.TenantId,
                outcome.Url,
                outcome.ResponseStatus,
                outcome.ResponseBody,
                outcome.Error,
                duration = (long)outcome.Duration.TotalMilliseconds,
                outcome.At,
                health.Failures,
                health.Exhausted,
                health.FailingSince,
                health.PausedUntil,
                health.Status,
                health.DisabledReason,
                endpointId = turn.Id,
                now,
            },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>The notice: in the audit log, to the tenant's other endpoints, and by mail to its owners.</summary>
    private async Task TellAsync(DbTransaction transaction, EndpointTurn turn, string url, string reason, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await audit.WriteAsync(
            transaction,
            new AuditEvent("webhook.disabled", turn.TenantId)
            {
                Before = $$"""{"status":"{{WebhookStatus.Enabled}}"}""",
                After = $$"""{"status":"{{WebhookStatus.Disabled}}","disabled_reason":"{{reason}}"}""",
                Details = new JsonObject { ["webhook"] = new JsonObject { ["url"] = url, ["status"] = WebhookStatus.Disabled, ["disabled_reason"] = reason } }.ToJsonString(),
            }.About("webhook", turn.Id),
            cancellationToken);
        var owners = await transaction.Connection!.QueryAsync<string>(new CommandDefinition(
            "SELECT u.email FROM tenant_users m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = @TenantId AND m.role = 'owner'",
            new { turn.TenantId },
            transaction,
            cancellationToken: cancellationToken));
        foreach (var owner in owners)
        {
            if (EmailAddress.TryParse(owner, out var address))
            {
                await mails.WriteAsync(transaction, address, Mail(turn, reason), now + MailLife, isReal: true, cancellationToken);
            }
        }
    }

    private MailText Mail(EndpointTurn turn, string reason) => MailText.Of(
        "A webhook endpoint was disabled",
        [
            string.Create(CultureInfo.InvariantCulture, $"The vendor '{turn.TenantSlug}' at ValidonX has a webhook endpoint at {new Uri(turn.Url).Host} ({turn.Id}), and it gets nothing any more: ")
                + (reason == DisabledReason.Gone ? "its receiver has answered 410, which means that it is gone." : "its receiver has failed for days."),
            "What waits for it waits on. When the receiver is mended, enable the endpoint again; what happened meanwhile is sent when you ask for a replay. Sign in on this page:",
        ],
        links.Value.PageOf("login"));

    /// <summary>How an endpoint is.</summary>
    private sealed record Health
    {
        public string Status { get; init; } = "";

        public long Failures { get; init; }

        public long Exhausted { get; init; }

        public DateTimeOffset? FailingSince { get; init; }

        public DateTimeOffset? PausedUntil { get; init; }

        /// <summary>Set when it is disabled by this.</summary>
        public string? DisabledReason { get; init; }

        /// <summary>How it is after a try.</summary>
        public Health After(DeliveryOutcome outcome, bool isGivenUp, bool wasSent, DeliveryOptions options, DateTimeOffset now)
        {
            if (!wasSent)
            {
                return this;
            }

            if (outcome.IsSuccess)
            {
                return this with { Failures = 0, Exhausted = 0, FailingSince = null, PausedUntil = null };
            }

            var (failures, exhausted, since) = (Failures + 1, Exhausted + (isGivenUp && !outcome.IsGone ? 1 : 0), FailingSince ?? now);
            var reason = Status != WebhookStatus.Enabled ? null
                : outcome.IsGone ? Platform.Webhooks.DisabledReason.Gone
                : exhausted >= options.DisableAfter || now - since >= options.DisableAfterTime ? Platform.Webhooks.DisabledReason.Failing
                : null;
            return this with
            {
                Failures = failures,
                Exhausted = exhausted,
                FailingSince = since,
                PausedUntil = failures >= options.PauseAfter ? now + options.Pause : null,
                Status = reason is null ? Status : WebhookStatus.Disabled,
                DisabledReason = reason,
            };
        }
    }
}
