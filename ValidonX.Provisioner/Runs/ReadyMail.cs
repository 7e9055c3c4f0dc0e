using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Tenants;

namespace ValidonX.Provisioner.Runs;

/// <summary>
/// Tells a tenant's owner that the tenant is in service, in the transaction that makes it so: there is no tenant in service whose owner has no mail, and no second mail, whatever dies. An
/// owner whom an operator has signed up has no password yet, and gets a link to set one.
/// </summary>
internal sealed class ReadyMail(MailOutbox outbox, IOptions<MailLinkOptions> links, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>The statements that write it; none when the tenant has no owner.</summary>
    public async Task<IReadOnlyList<FormattableString>> StatementsAsync(DbConnection platform, Tenant tenant, CancellationToken cancellationToken)
    {
        var owner = await platform.QuerySingleOrDefaultAsync<(Guid Id, string Email, bool HasPassword)?>(new CommandDefinition(
            """
            SELECT u.id, u.email, u.password_hash IS NOT NULL FROM tenant_users m JOIN users u ON u.id = m.user_id
            WHERE m.tenant_id = @Id AND m.role = 'owner' ORDER BY m.created_at, u.id LIMIT 1
            """,
            new { tenant.Id },
            cancellationToken: cancellationToken));
        if (owner is not { } found || !EmailAddress.TryParse(found.Email, out var address))
        {
            return [];
        }

        var expiresAt = time.GetUtcNow() + Life;
        if (found.HasPassword)
        {
            return [outbox.Statement(address, Text(tenant, "To begin, sign in on this page:", links.Value.PageOf("login")), expiresAt)];
        }

        var token = MailedToken.Create();
        return
        [
            $"""
            INSERT INTO mailed_tokens (id, purpose, subject_id, token_hash, expires_at, created_at)
            VALUES ({token.Id}, {MailedTokenPurposes.Reset}, {found.Id}, {token.Hash()}, {expiresAt}, {time.GetUtcNow()})
            """,
            outbox.Statement(
                address,
                Text(tenant, "To set a password and begin, follow this link within 7 days:", new Uri($"{links.Value.PageOf("reset-password")}?token={token.Reveal()}")),
                expiresAt),
        ];
    }

    /// <summary>The tenant's short name is the one thing in it that others have chosen: 40 characters of a-z, 0-9 and hyphens.</summary>
    private static MailText Text(Tenant tenant, string what, Uri link) => MailText.Of(
        "Your tenant is ready",
        [$"The vendor '{tenant.Slug}' at ValidonX is in service, and the account of this e-mail address owns it. {what}"],
        link,
        ["Whoever has not asked for it need not do anything."]);
}
