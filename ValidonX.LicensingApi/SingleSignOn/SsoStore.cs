using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>What is shown, and the tag that names this state of it.</summary>
internal sealed record TaggedSso(ShownSso Sso, EntityTag Tag);

/// <summary>
/// How tenants' users sign in at their own issuers. Every change ends what was begun under the settings before it: by the time that the call returns no gateway takes a token
/// that only they made good, neither the issuer's nor one of ours that was given for a sign-in there.
/// </summary>
internal sealed class SsoStore(PlatformDatabase platform, StateChanges changes, SecretSealer sealer, IOptions<MailLinkOptions> links, TimeProvider time)
{
    private const string SubjectType = "sso";

    /// <summary>Where issuers send browsers back to.</summary>
    public string RedirectUri { get; } = links.Value.PageOf("sso/callback").AbsoluteUri;

    /// <summary>A tenant's, or <see langword="null"/>.</summary>
    public async Task<TaggedSso?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await SsoRow.FindAsync(connection, null, tenantId, cancellationToken) is { } row ? Show(row) : null;
    }

    /// <summary>Makes it what is wanted, if it is as the caller has seen it.</summary>
    public Task<IResult> ReplaceAsync(Guid tenantId, SsoRequest wanted, IfMatch seen, ChangeRequest<TaggedSso> request) =>
        changes.InPlatformAsync<TaggedSso>(request, async (transaction, token) =>
        {
            // Who changes it waits here for who does so already.
            await TenantQueries.LockAsync(transaction, tenantId, token);
            var before = await SsoRow.FindAsync(transaction.Connection!, transaction, tenantId, token);
            if (seen.Refusal(before?.Tag ?? EntityTag.Of("")) is { } refusal)
            {
                return refusal;
            }

            var after = Replaced(before, tenantId, wanted);
            if (before is not null && after == before)
            {
                return new Changed<TaggedSso>(Show(before)) { Stale = [.. StaleOf(before), .. await EndedAsync(transaction, tenantId, token)] };
            }

            after = after with { Version = Guid.CreateVersion7(), UpdatedAt = time.GetUtcNow() };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO tenant_sso
                  (tenant_id, version, issuer, client_id, sealed_client_secret, audience, role_claim, default_role, highest_role, created_at, updated_at)
                VALUES (@TenantId, @Version, @Issuer, @ClientId, @SealedClientSecret, @Audience, @RoleClaim, @DefaultRole, @HighestRole, @UpdatedAt, @UpdatedAt)
                ON DUPLICATE KEY UPDATE version = VALUES(version), issuer = VALUES(issuer), client_id = VALUES(client_id),
                  sealed_client_secret = VALUES(sealed_client_secret), audience = VALUES(audience), role_claim = VALUES(role_claim),
                  default_role = VALUES(default_role), highest_role = VALUES(highest_role), updated_at = VALUES(updated_at)
                """,
                after,
                transaction,
                cancellationToken: token));
            await EndSessionsAsync(transaction, tenantId, token);
            var about = request.Audit with { SubjectType = SubjectType };
            return new Changed<TaggedSso>(Show(after))
            {
                Stale = [.. StaleOf(before), .. StaleOf(after), .. await EndedAsync(transaction, tenantId, token)],
                Event = before is null
                    ? about.Made(after.Show(RedirectUri), LicensingJson.Default.ShownSso)
                    : about.Changed(before.Show(RedirectUri), after.Show(RedirectUri), LicensingJson.Default.ShownSso),
            };
        });

    /// <summary>Takes it away: nobody signs in at the issuer any more. Its users stay members, and come back with the same settings.</summary>
    public Task<IResult> DeleteAsync(Guid tenantId, ChangeRequest<Nothing> request) =>
        changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
        {
            await TenantQueries.LockAsync(transaction, tenantId, token);
            var before = await SsoRow.FindAsync(transaction.Connection!, transaction, tenantId, token);
            if (before is not null)
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "DELETE FROM tenant_sso WHERE tenant_id = @tenantId", new { tenantId }, transaction, cancellationToken: token));
                await EndSessionsAsync(transaction, tenantId, token);
            }

            // Also when it was gone already: the first call may have died before it could tell.
            return new Changed<Nothing>(Nothing.Value)
            {
                Stale = [.. StaleOf(before), .. await EndedAsync(transaction, tenantId, token)],
                Event = before is null ? null : (request.Audit with { SubjectType = SubjectType }).Unmade(before.Show(RedirectUri), LicensingJson.Default.ShownSso),
            };
        });

    private SsoRow Replaced(SsoRow? before, Guid tenantId, SsoRequest wanted) =>
        (before ?? new SsoRow { TenantId = tenantId }) with
        {
            Issuer = wanted.Issuer,
            ClientId = wanted.ClientId,
            SealedClientSecret = SecretOf(before, tenantId, wanted),
            Audience = wanted.Audience,
            RoleClaim = wanted.RoleClaim,
            DefaultRole = wanted.DefaultRole,
            HighestRole = wanted.HighestRole,
        };

    /// <summary>
    /// A secret goes to the issuer it was entered for and to no other: who may change settings, or has got hold of a token that may, must not learn it by naming a server of
    /// his own. One that is entered again is the same bytes, so that nothing changes.
    /// </summary>
    private byte[]? SecretOf(SsoRow? before, Guid tenantId, SsoRequest wanted)
    {
        var stored = before is not null && before.Issuer == wanted.Issuer && before.ClientId == wanted.ClientId ? before.SealedClientSecret : null;
        if (!wanted.ClientSecret.IsThere)
        {
            return stored;
        }

        return wanted.ClientSecret.Value is not { } secret ? null
            : stored is not null && sealer.Open(stored, SealedPurposes.ClientSecret, tenantId) == secret ? stored
            : sealer.Seal(secret, SealedPurposes.ClientSecret, tenantId);
    }

    private TaggedSso Show(SsoRow row) => new(row.Show(RedirectUri), row.Tag);

    private static Invalidation[] StaleOf(SsoRow? row) => row is null ? [CacheKeys.Issuers] : [CacheKeys.Issuers, CacheKeys.SignOn(row.Issuer)];

    private Task<int> EndSessionsAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE personal_access_tokens SET revoked_at = @now WHERE tenant_id = @tenantId AND revoked_at IS NULL",
            new { tenantId, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>The sessions that were ended before their time, the earlier ones included: a gateway that was never told of them would still take them.</summary>
    private async Task<IEnumerable<Invalidation>> EndedAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken) =>
        (await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(
            "SELECT id FROM personal_access_tokens WHERE tenant_id = @tenantId AND revoked_at IS NOT NULL AND expires_at > @now",
            new { tenantId, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken))).Select(CacheKeys.Token);
}
