using System.Data.Common;
using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;
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
        var sql = new InterpolatedSql().Add(Statement(to, mail, expiresAt, isReal));
        return transaction.Connection!.ExecuteAsync(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken));
    }

    /// <summary>The statement that does so, for whoever sends several at once; every value is an argument.</summary>
    public FormattableString Statement(EmailAddress to, MailText mail, DateTimeOffset expiresAt, bool isReal = true)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        return $"""
            INSERT INTO outbox_mails (id, recipient, subject, sealed_body, status, due_at, expires_at, created_at)
            VALUES ({id}, {to.Value}, {mail.Subject}, {sealer.Seal(new MailBody(mail.Text, mail.Html).Write(), SealedPurposes.Mail, id)},
              {(isReal ? MailStatus.Waiting : MailStatus.Void)}, {now}, {expiresAt}, {now})
            """;
    }
}
