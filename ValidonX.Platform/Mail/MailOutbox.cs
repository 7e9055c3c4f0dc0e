using System.Data.Common;
using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Secrets;

namespace ValidonX.Platform.Mail;

/// <summary>
/// Writes mails in the transaction of what causes them, so that neither exists without the other. Who has committed signals <see cref="WakeupChannel"/>; a
/// provisioner sends them.
/// </summary>
public sealed class MailOutbox(SecretSealer sealer, TimeProvider time)
{
    /// <summary>The channel that is signaled once mails are committed.</summary>
    public const string WakeupChannel = "mail";

    /// <summary>Writes one mail.</summary>
    /// <param name="transaction">The platform database's.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="mail">What it says.</param>
    /// <param name="expiresAt">When it is of no use any more.</param>
    /// <param name="isReal">Otherwise the work is done and nobody gets a mail.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WriteAsync(DbTransaction transaction, EmailAddress to, MailText mail, DateTimeOffset expiresAt, bool isReal, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        return transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO outbox_mails (id, recipient, subject, sealed_body, status, due_at, expires_at, created_at)
            VALUES (@id, @recipient, @Subject, @body, @status, @now, @expiresAt, @now)
            """,
            new
            {
                id,
                recipient = to.Value,
                mail.Subject,
                body = sealer.Seal(new MailBody(mail.Text, mail.Html).Write(), SealedPurposes.Mail, id),
                status = isReal ? MailStatus.Waiting : MailStatus.Void,
                now,
                expiresAt,
            },
            transaction,
            cancellationToken: cancellationToken));
    }
}
