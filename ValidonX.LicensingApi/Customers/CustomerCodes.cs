using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Customers;

/// <summary>
/// The codes by which who can read a license's customer's mail proves it. Whether there is such a license, and whether its customer has an address, decides who gets a mail and nothing
/// else: the statements are the same ones with other values, for nobody with rows that are dead from the start.
/// </summary>
internal sealed class CustomerCodes(
    TenantDatabases databases, PlatformDatabase platform, MailOutbox outbox, CustomerHashes hashes, IWakeup wakeup, TimeProvider time)
{
    /// <summary>Digits of a code.</summary>
    public const int Digits = 8;

    /// <summary>Mails for a license within an hour; whoever asks for a further one is told the same, and the last code stays good.</summary>
    public const int MostAnHour = 5;

    /// <summary>Wrong codes after which the right one does not do any more.</summary>
    public const int MostTries = 5;

    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>Mails a code to the license's customer, if there is one with an address.</summary>
    /// <param name="placement">The tenant.</param>
    /// <param name="slug">What it is called if it says nothing else.</param>
    /// <param name="licenseKey">The license's key, or what somebody takes for one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAsync(TenantPlacement placement, string slug, string licenseKey, CancellationToken cancellationToken)
    {
        var code = RandomNumberGenerator.GetString("0123456789", Digits);
        var (to, name) = await IssueAsync(placement, licenseKey, code, cancellationToken);
        var mail = CustomerMails.Code(name ?? slug, code);
        var recipient = to ?? Nobody(placement, licenseKey);
        await platform.TransactAsync(
            async (transaction, token) =>
            {
                // Over all licenses of all tenants: nobody's mailbox is filled by way of many keys.
                var now = time.GetUtcNow();
                var hasRoom = await MailAllowance.HasRoomAsync(transaction, recipient, mail, now, token);
                await outbox.WriteAsync(transaction, recipient, mail, now + Life, to is not null && hasRoom, token);
                return hasRoom;
            },
            cancellationToken);
        wakeup.Signal(MailOutbox.WakeupChannel);
    }

    /// <summary>Uses a license's code up, under the lock of its row: of any number who try at once, one is right. A wrong one counts, whether there is a license or not.</summary>
    /// <returns>The license, or <see langword="null"/>.</returns>
    public async Task<CodedLicense?> TakeAsync(DbTransaction transaction, TenantPlacement placement, string licenseKey, string code, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var keyHash = hashes.Key(placement, licenseKey);
        var row = await LockAsync(transaction, keyHash, now, cancellationToken);
        var license = await FindAsync(transaction, licenseKey, cancellationToken);
        var isRight = license is not null && row is { CodeHash: { } codeHash, EmailHash: { } emailHash } && row.ExpiresAt > now && row.Tries < MostTries
            && CryptographicOperations.FixedTimeEquals(codeHash, hashes.Code(placement, licenseKey, code))
            && CryptographicOperations.FixedTimeEquals(emailHash, hashes.Email(placement, license.Email));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE customer_codes SET tries = tries + 1, code_hash = IF(@isRight, NULL, code_hash) WHERE key_hash = @keyHash",
            new { isRight, keyHash },
            transaction,
            cancellationToken: cancellationToken));
        return isRight ? license : null;
    }

    private async Task<(EmailAddress? To, string? Name)> IssueAsync(TenantPlacement placement, string licenseKey, string code, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.TransactAsync<(EmailAddress?, string?)>(
            async (transaction, token) =>
            {
                var now = time.GetUtcNow();
                var keyHash = hashes.Key(placement, licenseKey);
                var row = await LockAsync(transaction, keyHash, now, token);
                var license = await FindAsync(transaction, licenseKey, token);
                var name = await transaction.Connection!.ExecuteScalarAsync<string?>(new CommandDefinition(
                    "SELECT value FROM branding WHERE name = 'display_name'", transaction: transaction, cancellationToken: token));
                var hasAddress = EmailAddress.TryParse(license?.Email, out var address);
                var isNewHour = row.SentSince <= now - Hour;
                var (since, sent) = isNewHour ? (now, 1) : (row.SentSince, row.Sent + 1);
                var isSent = hasAddress && sent <= MostAnHour;
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    UPDATE customer_codes
                    SET code_hash = IF(@isSent, @codeHash, code_hash), email_hash = IF(@isSent, @emailHash, email_hash), expires_at = IF(@isSent, @expiresAt, expires_at),
                      tries = IF(@isSent, 0, tries), sent = @sent, sent_since = @since, kept_until = @keptUntil
                    WHERE key_hash = @keyHash
                    """,
                    new
                    {
                        isSent,
                        codeHash = hashes.Code(placement, licenseKey, code),
                        emailHash = hashes.Email(placement, license?.Email),
                        expiresAt = now + Life,
                        sent,
                        since,
                        keptUntil = hasAddress ? since + Hour + Life : now,
                        keyHash,
                    },
                    transaction,
                    cancellationToken: token));
                return (isSent ? address : null, name is null ? null : JsonSerializer.Deserialize(name, LicensingJson.Default.String));
            },
            cancellationToken);
    }

    /// <summary>The row of a key, locked; one of no license's is there until somebody next asks for a code.</summary>
    private static async Task<CodeRow> LockAsync(DbTransaction transaction, byte[] keyHash, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            DELETE FROM customer_codes WHERE kept_until <= @now AND key_hash <> @keyHash LIMIT 100;
            INSERT IGNORE INTO customer_codes (key_hash, sent_since, expires_at, kept_until) VALUES (@keyHash, @now, @now, @now)
            """,
            new { keyHash, now },
            transaction,
            cancellationToken: cancellationToken));
        return await transaction.Connection!.QuerySingleAsync<CodeRow>(new CommandDefinition(
            "SELECT code_hash, email_hash, tries, sent, sent_since, expires_at FROM customer_codes WHERE key_hash = @keyHash FOR UPDATE",
            new { keyHash },
            transaction,
            cancellationToken: cancellationToken));
    }

    private static Task<CodedLicense?> FindAsync(DbTransaction transaction, string licenseKey, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<CodedLicense?>(new CommandDefinition(
            "SELECT id, customer_email AS email FROM license_keys WHERE license_key = @licenseKey",
            new { licenseKey },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>A mailbox that nobody has (RFC 2606), another one for each key.</summary>
    private EmailAddress Nobody(TenantPlacement placement, string licenseKey) =>
        EmailAddress.TryParse($"{Convert.ToHexStringLower(hashes.Key(placement, licenseKey).AsSpan(0, 16))}@customer.invalid", out var nobody)
            ? nobody
            : throw new InvalidOperationException("Hexadecimal digits are an address's first part.");

    private sealed class CodeRow
    {
        public byte[]? CodeHash { get; init; }

        public byte[]? EmailHash { get; init; }

        public int Tries { get; init; }

        public int Sent { get; init; }

        public DateTimeOffset SentSince { get; init; }

        public DateTimeOffset ExpiresAt { get; init; }
    }
}

/// <summary>The license that a code is for.</summary>
internal sealed class CodedLicense
{
    public Guid Id { get; init; }

    /// <summary>Its customer's address, as it is written.</summary>
    public string? Email { get; init; }
}
