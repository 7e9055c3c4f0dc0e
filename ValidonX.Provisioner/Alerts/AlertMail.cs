using System.Data.Common;
using System.Globalization;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Alerts;
using ValidonX.Platform.Mail;

namespace ValidonX.Provisioner.Alerts;

/// <summary>
/// Mails of an alert, in the transaction that opens it: to the active operators of each, up to a number in an hour, so that a database server that fails is not told of a thousand times; to a tenant's owners of
/// what they alone can mend.
/// </summary>
internal sealed class AlertMail(MailOutbox outbox, IOptions<MailLinkOptions> links, IOptions<AlertOptions> options)
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(1);

    /// <summary>Writes them.</summary>
    public async Task WriteAsync(DbTransaction transaction, Condition condition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var text = Text(condition);
        foreach (var to in await RecipientsAsync(transaction, condition, now, cancellationToken))
        {
            if (EmailAddress.TryParse(to, out var address))
            {
                await outbox.WriteAsync(transaction, address, text, now + Life, isReal: true, cancellationToken);
            }
        }
    }

    private async Task<IEnumerable<string>> RecipientsAsync(DbTransaction transaction, Condition condition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var rows = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT COUNT(*) FROM alerts WHERE opened_at > @since;
            SELECT email FROM admins WHERE password_hash IS NOT NULL AND disabled_at IS NULL;
            SELECT u.email FROM tenant_users m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = @TenantId AND m.role = 'owner'
            """,
            new { since = now.AddHours(-1), condition.Key.TenantId },
            transaction,
            cancellationToken: cancellationToken));
        var isQuiet = await rows.ReadSingleAsync<long>() > options.Value.MailsAnHour;
        var operators = (await rows.ReadAsync<string>()).AsList();
        var owners = (await rows.ReadAsync<string>()).AsList();
        var told = options.Value.MailAddresses is { Count: > 0 } configured ? configured : operators;
        return (isQuiet ? [] : told).Concat(condition.Key.Kind is AlertKinds.QuotaNear or AlertKinds.QuotaReached ? owners : []).Distinct(StringComparer.Ordinal);
    }

    /// <summary>The tenant's short name is the one thing in it that others have chosen: 40 characters of a-z, 0-9 and hyphens.</summary>
    private MailText Text(Condition condition) => MailText.Of(
        $"Alert: {Title(condition.Key.Kind)}",
        [$"The vendor '{condition.Slug}' at ValidonX: {Sentence(condition)}", "Sign in on this page to see it:"],
        links.Value.PageOf("login"),
        ["There is no further mail of this alert. It closes by itself when it is over."]);

    private static string Title(string kind) => kind switch
    {
        AlertKinds.NoisyNeighbor => "a tenant is noisy",
        AlertKinds.ErrorRate => "requests fail",
        AlertKinds.LatencyP95 => "requests are slow",
        AlertKinds.QueueAge => "background work waits",
        AlertKinds.QuotaNear => "most of a month's calls are used up",
        AlertKinds.QuotaReached => "a month's calls are used up",
        AlertKinds.ProvisioningFailed => "a provisioning has failed",
        _ => "a webhook endpoint was disabled",
    };

    private static string Sentence(Condition condition)
    {
        var (measured, threshold) = (Number(condition.Measured), Number(condition.Threshold));
        return condition.Key.Kind switch
        {
            AlertKinds.NoisyNeighbor => $"it has called {measured} times within two minutes; noisy is above {threshold}.",
            AlertKinds.ErrorRate => $"{measured} % of its requests are answered with an error of the server (threshold: {threshold} %).",
            AlertKinds.LatencyP95 => $"one request in twenty takes {measured} ms or more (threshold: {threshold} ms).",
            AlertKinds.QueueAge => $"a job has been due for {measured} s (threshold: {threshold} s).",
            AlertKinds.QuotaNear => $"{measured} % of this month's calls are used up.",
            AlertKinds.QuotaReached => $"this month's calls are used up ({measured} %); further ones are refused until the month ends or the plan is changed.",
            AlertKinds.ProvisioningFailed => "its provisioning has failed and waits to be tried again.",
            _ => $"the webhook endpoint {condition.Key.Subject} was disabled, because its receiver fails or is gone.",
        };
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
