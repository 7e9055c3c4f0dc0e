using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;

namespace ValidonX.Provisioner.Upkeep;

/// <summary>
/// Deletes what has lost its use by time alone: registrations that nobody confirmed, tokens of mails, invitations, challenges that were used, mails that have been kept
/// for long enough, and events that nobody sends again.
/// </summary>
internal sealed class ExpiredRows(PlatformDatabase platform, IOptions<RetentionOptions> options, TimeProvider time)
{
    private const int AtOnce = 1_000;

    /// <summary>Stripe sends an event again for days by itself and for a month when somebody asks it to.</summary>
    private static readonly TimeSpan KeepStripeEvents = TimeSpan.FromDays(90);

    /// <summary>How long back a tenant's metrics go.</summary>
    private static readonly TimeSpan KeepHours = TimeSpan.FromDays(91);

    /// <summary>How long a tenant sees that an invitation was not accepted.</summary>
    private static readonly TimeSpan KeepInvitations = TimeSpan.FromDays(30);

    /// <summary>Deletes all of it, a few at a time.</summary>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await DeleteAsync("registrations WHERE expires_at <= @before", now, cancellationToken);
        await DeleteAsync("stripe_events WHERE received_at <= @before", now - KeepStripeEvents, cancellationToken);
        await DeleteAsync("tenant_hours WHERE hour <= @before", now - KeepHours, cancellationToken);
        await DeleteAsync("alerts WHERE is_held IS NULL AND closed_at <= @before", now - options.Value.KeepAlerts, cancellationToken);
        await DeleteAsync("email_changes WHERE expires_at <= @before", now, cancellationToken);
        await DeleteAsync("invitations WHERE expires_at <= @before", now - KeepInvitations, cancellationToken);
        await DeleteAsync("former_members WHERE left_at <= @before", now - KeepInvitations, cancellationToken);
        await DeleteAsync("mailed_tokens WHERE expires_at <= @before", now, cancellationToken);
        await DeleteAsync("used_challenges WHERE expires_at <= @before", now, cancellationToken);
        await DeleteAsync("outbox_mails WHERE created_at <= @before", now - options.Value.KeepMails, cancellationToken);
        await DeleteAsync($"outbox_mails WHERE status = '{MailStatus.Void}' AND created_at <= @before", now - TimeSpan.FromHours(1), cancellationToken);
    }

    private async Task DeleteAsync(string which, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var statement = new CommandDefinition($"DELETE FROM {which} LIMIT {AtOnce}", new { before }, cancellationToken: cancellationToken);
        while (await connection.ExecuteAsync(statement) == AtOnce)
        {
            // Short transactions, so that nobody waits long for the locks.
        }
    }
}
