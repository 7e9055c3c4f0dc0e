using System.Data.Common;
using Dapper;
using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Passkeys;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>All that is kept about a user, without secrets.</summary>
/// <param name="User">The user.</param>
/// <param name="Company">Whom the user works for.</param>
/// <param name="EmailVerifiedAt">When the address was proved.</param>
/// <param name="HasPassword">Whether the account has a password. Only a hash of it is kept.</param>
/// <param name="TwoFactorSince">Since when signing in takes a second factor.</param>
/// <param name="Passkeys">The user's passkeys. Only their public keys are kept.</param>
/// <param name="Tenants">The tenants that the user belongs to.</param>
/// <param name="Invitations">The invitations to the user's address, those that are over included.</param>
/// <param name="NewEmail">The address that the user wants to have and has not proved yet.</param>
/// <param name="Tokens">The user's tokens, ended ones included. Only hashes of them are kept.</param>
/// <param name="Mails">What was mailed to the user lately.</param>
/// <param name="Events">What is recorded of what the user did, newest first.</param>
/// <param name="HasMoreEvents">Whether older events are left out, of which there are more than ten thousand.</param>
/// <param name="ExportedAt">When this was put together.</param>
internal sealed record ExportedAccount(
    ShownUser User,
    string? Company,
    DateTimeOffset? EmailVerifiedAt,
    bool HasPassword,
    DateTimeOffset? TwoFactorSince,
    IReadOnlyList<ShownPasskey> Passkeys,
    IReadOnlyList<ShownMembership> Tenants,
    IReadOnlyList<ShownInvitation> Invitations,
    string? NewEmail,
    IReadOnlyList<ShownToken> Tokens,
    IReadOnlyList<ExportedMail> Mails,
    IReadOnlyList<ExportedEvent> Events,
    bool HasMoreEvents,
    DateTimeOffset ExportedAt);

/// <summary>A mail to the user. What it said is not told again, since it may hold a token.</summary>
/// <param name="Subject">Its subject.</param>
/// <param name="Status">What became of it.</param>
/// <param name="CreatedAt">When it was written.</param>
internal sealed record ExportedMail(string Subject, string Status, DateTimeOffset CreatedAt);

/// <summary>Something that the user did.</summary>
/// <param name="Action">What.</param>
/// <param name="TenantId">In which tenant, if in one.</param>
/// <param name="SubjectType">To what kind of thing.</param>
/// <param name="SubjectId">To which one.</param>
/// <param name="RequestId">By which request.</param>
/// <param name="Details">More, such as the address it came from.</param>
/// <param name="CreatedAt">When.</param>
internal sealed record ExportedEvent(
    string Action,
    Guid? TenantId,
    string? SubjectType,
    string? SubjectId,
    string? RequestId,
    [property: Shape(JsonSchemaType.Object)][property: Example("""{"address": "203.0.113.9"}""")] RawJson Details,
    DateTimeOffset CreatedAt);

/// <summary>Puts all together that is kept about a user, at one moment; that it was asked for is recorded.</summary>
internal sealed class AccountExport(PlatformDatabase platform, AuditLog audit, TimeProvider time)
{
    private const int MostEvents = 10_000;

    /// <summary>Reads it, or <see langword="null"/> when there is no such user any more.</summary>
    public Task<ExportedAccount?> ReadAsync(Guid userId, AuditEvent reading, CancellationToken cancellationToken) =>
        platform.TransactAsync(
            async (transaction, token) =>
            {
                var connection = transaction.Connection!;
                if (await User.FindAsync(connection, transaction, userId, token) is not { } user)
                {
                    return null;
                }

                var events = await EventsAsync(transaction, userId, token);
                var exported = new ExportedAccount(
                    user.Show(),
                    user.Company,
                    user.EmailVerifiedAt,
                    user.PasswordHash is not null,
                    await connection.ExecuteScalarAsync<DateTimeOffset?>(Command(
                        $"SELECT confirmed_at FROM two_factors WHERE owner_type = '{TokenOwners.User}' AND owner_id = @userId", new { userId }, transaction, token)),
                    [.. (await PasskeyRow.AllAsync(connection, transaction, AccountOwner.User(userId), token)).Select(row => row.Show())],
                    await Memberships.AllAsync(connection, transaction, userId, token),
                    (await connection.QueryAsync<ShownInvitation>(Command(
                        """
                        SELECT i.id, t.name AS tenant_name, t.slug AS tenant_slug, i.role, i.expires_at, i.created_at
                        FROM invitations i JOIN tenants t ON t.id = i.tenant_id WHERE i.email = @Email ORDER BY i.id DESC
                        """,
                        new { user.Email },
                        transaction,
                        token))).AsList(),
                    await connection.QueryFirstOrDefaultAsync<string?>(Command(
                        "SELECT email FROM email_changes WHERE user_id = @userId AND expires_at > @now ORDER BY id DESC LIMIT 1", new { userId, now = time.GetUtcNow() }, transaction, token)),
                    [.. (await connection.QueryAsync<TokenRow>(Command(
                        $"SELECT {TokenRow.Columns} FROM personal_access_tokens WHERE owner_type = '{TokenOwners.User}' AND owner_id = @userId ORDER BY id DESC",
                        new { userId },
                        transaction,
                        token))).Select(row => row.Show())],
                    (await connection.QueryAsync<ExportedMail>(Command(
                        $"SELECT subject, status, created_at FROM outbox_mails WHERE recipient = @Email AND status <> '{MailStatus.Void}' ORDER BY id DESC",
                        new { user.Email },
                        transaction,
                        token))).AsList(),
                    events.Take(MostEvents).ToList(),
                    events.Count > MostEvents,
                    time.GetUtcNow());
                await audit.WriteAsync(transaction, reading.About("user", userId), token);
                return exported;
            },
            cancellationToken);

    private static async Task<IReadOnlyList<ExportedEvent>> EventsAsync(DbTransaction transaction, Guid userId, CancellationToken cancellationToken) =>
        [.. (await transaction.Connection!.QueryAsync<EventRow>(Command(
            """
            SELECT action, tenant_id, subject_type, subject_id, request_id, details, created_at FROM audit_logs
            WHERE actor_id = @id AND actor_type = 'user' ORDER BY created_at DESC, id DESC LIMIT @most
            """,
            new { id = userId.ToString(), most = MostEvents + 1 },
            transaction,
            cancellationToken))).Select(row => row.Show())];

    private static CommandDefinition Command(string sql, object parameters, DbTransaction transaction, CancellationToken cancellationToken) =>
        new(sql, parameters, transaction, cancellationToken: cancellationToken);

    private sealed record EventRow
    {
        public string Action { get; init; } = "";

        public Guid? TenantId { get; init; }

        public string? SubjectType { get; init; }

        public string? SubjectId { get; init; }

        public string? RequestId { get; init; }

        public string Details { get; init; } = "{}";

        public DateTimeOffset CreatedAt { get; init; }

        public ExportedEvent Show() => new(Action, TenantId, SubjectType, SubjectId, RequestId, new RawJson(Details), CreatedAt);
    }
}
