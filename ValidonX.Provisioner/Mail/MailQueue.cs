using System.Security.Cryptography;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Secrets;

namespace ValidonX.Provisioner.Mail;

/// <summary>A mail that this process has in hand.</summary>
/// <param name="Id">Its id.</param>
/// <param name="To">Who gets it.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="Body">What it says; <see langword="null"/> when it was sealed with a key that is not ours.</param>
/// <param name="Attempt">Which try this is, from 1.</param>
/// <param name="CreatedAt">When it was written.</param>
/// <param name="Until">For how long nobody else takes it.</param>
internal sealed record MailInHand(Guid Id, string To, string Subject, MailBody? Body, int Attempt, DateTimeOffset CreatedAt, DateTimeOffset Until);

/// <summary>The mails that wait to be sent. Any number of processes may take from it; what one of them had in hand when it died, another takes later.</summary>
internal sealed class MailQueue(PlatformDatabase platform, SecretSealer sealer, TimeProvider time)
{
    /// <summary>How long a mail in hand is nobody else's; longer than sending one can take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private const int LongestError = 500;

    /// <summary>Whether there is anything to send.</summary>
    public async Task<bool> HasDueAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"SELECT EXISTS (SELECT 1 FROM outbox_mails WHERE status = '{MailStatus.Waiting}' AND due_at <= @now AND expires_at > @now)",
            new { now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
    }

    /// <summary>The mail that is due for longest, or <see langword="null"/>.</summary>
    public async Task<MailInHand?> TakeAsync(CancellationToken cancellationToken)
    {
        var row = await platform.TransactAsync(
            async (transaction, token) =>
            {
                var connection = transaction.Connection!;
                var now = time.GetUtcNow();
                var found = await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(
                    $"""
                    SELECT id, recipient, subject, sealed_body, attempts, created_at FROM outbox_mails
                    WHERE status = '{MailStatus.Waiting}' AND due_at <= @now AND expires_at > @now
                    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
                    """,
                    new { now },
                    transaction,
                    cancellationToken: token));
                if (found is not null)
                {
                    await connection.ExecuteAsync(new CommandDefinition(
                        "UPDATE outbox_mails SET due_at = @until, attempts = attempts + 1 WHERE id = @Id",
                        new { found.Id, until = found.Until = now + Lease },
                        transaction,
                        cancellationToken: token));
                }

                return found;
            },
            cancellationToken);
        return row is null ? null : new MailInHand(row.Id, row.Recipient, row.Subject, Open(row), row.Attempts + 1, row.CreatedAt, row.Until);
    }

    /// <summary>The server has it: what it said is forgotten.</summary>
    public Task SentAsync(MailInHand mail, CancellationToken cancellationToken) =>
        EndAsync(mail, MailStatus.Sent, error: null, cancellationToken);

    /// <summary>It will never be sent.</summary>
    public Task FailAsync(MailInHand mail, string error, CancellationToken cancellationToken) => EndAsync(mail, MailStatus.Failed, error, cancellationToken);

    /// <summary>It is to be tried again after a pause.</summary>
    public Task PutBackAsync(MailInHand mail, TimeSpan pause, string error, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "UPDATE outbox_mails SET due_at = @dueAt, error = @error WHERE id = @Id AND status = 'waiting'",
            new { mail.Id, dueAt = time.GetUtcNow() + pause, error = Cut(error) },
            cancellationToken);

    /// <summary>Gives up what is of no use any more.</summary>
    /// <returns>How many.</returns>
    public Task<int> ExpireAsync(CancellationToken cancellationToken) =>
        ExecuteAsync(
            $"""
            UPDATE outbox_mails SET status = '{MailStatus.Failed}', sealed_body = NULL, error = COALESCE(error, 'It could not be sent in time.')
            WHERE status = '{MailStatus.Waiting}' AND expires_at <= @now LIMIT 1000
            """,
            new { now = time.GetUtcNow() },
            cancellationToken);

    /// <summary>How many wait, and for how long the first of them has.</summary>
    public async Task<(long Mails, double Seconds)> BacklogAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var (mails, oldest) = await connection.QuerySingleAsync<(long, DateTimeOffset?)>(new CommandDefinition(
            $"SELECT COUNT(*), MIN(created_at) FROM outbox_mails WHERE status = '{MailStatus.Waiting}'", cancellationToken: cancellationToken));
        return (mails, oldest is { } since ? Math.Max(0, (time.GetUtcNow() - since).TotalSeconds) : 0);
    }

    private Task<int> EndAsync(MailInHand mail, string status, string? error, CancellationToken cancellationToken) =>
        ExecuteAsync(
            "UPDATE outbox_mails SET status = @status, sealed_body = NULL, error = @error, sent_at = @sentAt WHERE id = @Id",
            new { mail.Id, status, error = error is null ? null : Cut(error), sentAt = status == MailStatus.Sent ? time.GetUtcNow() : (DateTimeOffset?)null },
            cancellationToken);

    private async Task<int> ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }

    private MailBody? Open(Row row)
    {
        try
        {
            return row.SealedBody is { } body ? MailBody.Read(sealer.Open(body, SealedPurposes.Mail, row.Id)) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static string Cut(string error) => error.Length <= LongestError ? error : error[..LongestError];

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string Recipient { get; init; } = "";

        public string Subject { get; init; } = "";

        public byte[]? SealedBody { get; init; }

        public int Attempts { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset Until { get; set; }
    }
}
