using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Alerts;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;
using ValidonX.Platform.Webhooks;

namespace ValidonX.Provisioner.Alerts;

/// <summary>
/// Writes what becomes of alerts. One is opened together with its audit event, what webhooks tell and its mails, in one transaction that the table's unique key lets pass once: whoever else has
/// seen the same at the same moment, and whoever died on the way, has written nothing.
/// </summary>
internal sealed class AlertJournal(PlatformDatabase platform, AuditLog audit, AlertMail mail, IWakeup wakeup, IOptions<AlertOptions> options)
{
    private const int AtOnce = 100;

    /// <summary>Opens an alert, unless there is one.</summary>
    public async Task OpenAsync(Condition condition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var alert = new HeldAlert
        {
            Id = Guid.CreateVersion7(now),
            TenantId = condition.Key.TenantId,
            Kind = condition.Key.Kind,
            Subject = condition.Key.Subject,
            Severity = AlertKinds.SeverityOf(condition.Key.Kind),
            Status = AlertStatus.Open,
            Measured = condition.Measured,
            Threshold = condition.Threshold,
            OpenedAt = now,
        };
        var isOpened = await platform.TransactAsync(
            async (transaction, token) =>
            {
                if (!await InsertAsync(transaction, alert, now, token))
                {
                    return false;
                }

                await audit.WriteAsync(transaction, Event("alert.opened", alert, before: null), token);
                await mail.WriteAsync(transaction, condition, now, token);
                return true;
            },
            cancellationToken);
        if (isOpened)
        {
            wakeup.Signal(MailOutbox.WakeupChannel);
            wakeup.Signal(WebhookIntake.WakeupChannel);
        }
    }

    /// <summary>Notes that conditions hold on.</summary>
    public async Task KeepUpAsync(IReadOnlyList<(HeldAlert Alert, Condition Condition)> seen, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        foreach (var some in seen.Chunk(AtOnce))
        {
            var sql = new InterpolatedSql().AddJoined(
                some.Select(one => (FormattableString)
                    $"""
                    UPDATE alerts SET measured = {one.Condition.Measured}, threshold = {one.Condition.Threshold}, peak = GREATEST(peak, {one.Condition.Measured}), last_seen_at = {now}, clear_since = NULL
                    WHERE id = {one.Alert.Id} AND is_held = 1
                    """),
                ";\n");
            await connection.ExecuteAsync(sql.ToCommand(cancellationToken));
        }
    }

    /// <summary>Notes that conditions are over, and closes the alerts of those that have been for long enough.</summary>
    public async Task ClearAsync(IReadOnlyList<HeldAlert> over, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var some in over.Where(alert => alert.ClearSince is null).Chunk(AtOnce))
        {
            await using var connection = await platform.OpenAsync(cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE alerts SET clear_since = @now WHERE id IN @ids AND is_held = 1 AND clear_since IS NULL",
                new { ids = some.Select(alert => alert.Id.ToString()), now },
                cancellationToken: cancellationToken));
        }

        foreach (var alert in over.Where(alert => (alert.ClearSince ?? now) <= now - options.Value.CloseAfter))
        {
            if (await platform.TransactAsync((transaction, token) => CloseAsync(transaction, alert.Id, now, token), cancellationToken))
            {
                wakeup.Signal(WebhookIntake.WakeupChannel);
            }
        }
    }

    private async Task<bool> CloseAsync(DbTransaction transaction, Guid id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var alert = await transaction.Connection!.QuerySingleOrDefaultAsync<HeldAlert?>(new CommandDefinition(
            $"SELECT {HeldAlert.Columns} FROM alerts WHERE id = @id AND is_held = 1 AND clear_since <= @before FOR UPDATE",
            new { id, before = now - options.Value.CloseAfter },
            transaction,
            cancellationToken: cancellationToken));
        if (alert is null)
        {
            return false;
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE alerts SET is_held = NULL, status = @Closed, closed_at = COALESCE(closed_at, @now), closed_by = COALESCE(closed_by, 'system') WHERE id = @id",
            new { id, now, AlertStatus.Closed },
            transaction,
            cancellationToken: cancellationToken));

        // Of one that somebody has closed by hand it was told then.
        if (alert.Status == AlertStatus.Closed)
        {
            return false;
        }

        await audit.WriteAsync(transaction, Event("alert.closed", alert with { Status = AlertStatus.Closed }, alert.Status), cancellationToken);
        return true;
    }

    /// <summary>A tenant that was closed meanwhile gets none, so that none outlives its rows.</summary>
    private static async Task<bool> InsertAsync(DbTransaction transaction, HeldAlert alert, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            return await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO alerts (id, tenant_id, kind, subject, severity, status, is_held, measured, threshold, peak, opened_at, last_seen_at)
                SELECT @Id, id, @Kind, @Subject, @Severity, @Status, 1, @Measured, @Threshold, @Measured, @now, @now FROM tenants WHERE id = @TenantId AND status <> 'closed'
                """,
                new { alert.Id, alert.TenantId, alert.Kind, alert.Subject, alert.Severity, alert.Status, alert.Measured, alert.Threshold, now },
                transaction,
                cancellationToken: cancellationToken)) == 1;
        }
        catch (DbException there) when (DatabaseError.IsDuplicateKey(there))
        {
            return false;
        }
    }

    private static AuditEvent Event(string action, HeldAlert alert, string? before) =>
        new AuditEvent(action, AlertKinds.IsTenants(alert.Kind) ? alert.TenantId : null)
        {
            Before = before is null ? null : new JsonObject { ["status"] = before }.ToJsonString(),
            After = new JsonObject { ["status"] = alert.Status }.ToJsonString(),
            Details = new JsonObject
            {
                ["alert"] = new JsonObject
                {
                    ["tenant_id"] = alert.TenantId.ToString(),
                    ["kind"] = alert.Kind,
                    ["subject"] = alert.Subject.Length == 0 ? null : alert.Subject,
                    ["severity"] = alert.Severity,
                    ["status"] = alert.Status,
                    ["value"] = alert.Measured,
                    ["threshold"] = alert.Threshold,
                    ["opened_at"] = alert.OpenedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
                },
            }.ToJsonString(),
        }.About("alert", alert.Id);
}
