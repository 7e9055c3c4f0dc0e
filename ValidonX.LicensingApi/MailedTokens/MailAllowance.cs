using System.Data.Common;
using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Mail;

namespace ValidonX.LicensingApi.MailedTokens;

/// <summary>How many mails strangers can have us send to one address.</summary>
internal static class MailAllowance
{
    /// <summary>
    /// Of one kind within an hour. Whoever asks for a further one is told the same as ever, and none is sent. The hour is no longer than the links live, so that who is kept from
    /// getting another mail by strangers has one already that does.
    /// </summary>
    public const int PerHour = 10;

    /// <summary>Whether the address may get another one.</summary>
    public static async Task<bool> HasRoomAsync(DbTransaction transaction, EmailAddress address, MailText mail, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.Connection!.ExecuteScalarAsync<long>(new CommandDefinition(
            $"SELECT COUNT(*) FROM outbox_mails WHERE recipient = @Value AND created_at > @since AND subject = @Subject AND status <> '{MailStatus.Void}'",
            new { address.Value, since = now.AddHours(-1), mail.Subject },
            transaction,
            cancellationToken: cancellationToken)) < PerHour;
}
