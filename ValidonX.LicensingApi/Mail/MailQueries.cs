using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Mail;

/// <summary>Reads the outbox of mails for operators. Who reads a mail can do what its link does, so each reading is recorded with the mails that were read.</summary>
internal sealed class MailQueries(PlatformDatabase platform, SecretSealer sealer, AuditLog audit)
{
    /// <summary>One page, newest first.</summary>
    /// <param name="to">Only mails to this address, or all.</param>
    /// <param name="page">Which page.</param>
    /// <param name="reading">Who reads.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<(IReadOnlyList<ShownMail> Items, string? NextCursor)> ListAsync(EmailAddress? to, PageRequest page, AuditEvent reading, CancellationToken cancellationToken) =>
        platform.TransactAsync(
            async (transaction, token) =>
            {
                var rows = (await transaction.Connection!.QueryAsync<MailRow>(new CommandDefinition(
                    $"""
                    SELECT {MailRow.Columns} FROM outbox_mails
                    WHERE status <> '{MailStatus.Void}' {(to is null ? "" : "AND recipient = @to")} {page.AndOlder()}
                    ORDER BY id DESC LIMIT @take
                    """,
                    new { to = to?.Value, page.Before, take = page.Limit + 1 },
                    transaction,
                    cancellationToken: token))).AsList();
                var (items, nextCursor) = page.Cut(rows, row => row.Id);
                var details = JsonNode.Parse(reading.Details)!.AsObject();
                details["mails"] = new JsonArray([.. items.Select(row => (JsonNode)row.Id.ToString())]);
                await audit.WriteAsync(transaction, reading with { Details = details.ToJsonString() }, token);
                return ((IReadOnlyList<ShownMail>)[.. items.Select(row => row.Show(Open(row)))], nextCursor);
            },
            cancellationToken);

    /// <summary>What it says; nothing when it has been sent, or was sealed with a key that is no longer ours.</summary>
    private MailBody? Open(MailRow row)
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
}
