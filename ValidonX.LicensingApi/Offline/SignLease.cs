using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Offline;

/// <summary>Signs verdicts.</summary>
internal sealed class SignLease(SigningKeys keys, TenantDatabases databases, IOptions<OfflineOptions> options)
{
    /// <summary>Signs that the license is as it is now.</summary>
    /// <returns>A JWS, in ASCII.</returns>
    /// <exception cref="ApiException">404: the instance has no seat of it. 403: the license has no verdicts for who is offline. 422: it is floating, and no instance is named.</exception>
    public async Task<byte[]> SignAsync(Caller caller, LicenseView license, LeaseQuestion question, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var policy = license.Terms.Policy;
        if (OfflineTerms.Refusal(license.Terms, question.InstanceId) is { } refusal)
        {
            throw new ApiException(refusal);
        }

        // Without this a single seat would be enough for any number of instances that never ask again.
        var seat = question.InstanceId is { } instance
            ? await FindSeatAsync(caller.Placement, license.Id, instance, now, cancellationToken) ?? throw new ApiException(ApiErrors.ActivationNotFound)
            : null;
        var signing = await keys.FindAsync(caller.Placement, caller.Context.TenantPlan ?? "", cancellationToken);
        var (lifetime, grace) = OfflineTerms.Of(policy, signing);
        var claims = new Claims
        {
            Issuer = options.Value.Issuer,
            TenantId = caller.Placement.TenantId,
            LicenseId = license.Id,
            Terms = license.Terms,
            Entitlements = license.ShownEntitlements,
            IssuedAt = now,
            Lifetime = lifetime,
            Grace = grace,
            Until = OfflineTerms.Until(policy, seat?.LeaseExpiresAt, now),
            Id = Guid.CreateVersion7(now),
            Nonce = question.Nonce,
            InstanceId = question.InstanceId,
        };
        return Jws.SignToUtf8(signing.Key, Jws.Lease, claims.Write);
    }

    private async Task<HeldSeat?> FindSeatAsync(TenantPlacement placement, Guid licenseId, string instanceId, DateTimeOffset now, CancellationToken cancellationToken) =>
        await databases.ReadAsync(
            placement,
            $"SELECT {HeldSeat.Columns} FROM activations WHERE {HeldSeat.Condition}",
            new { licenseId, instanceId, now },
            static rows => rows.ReadSingleOrDefaultAsync<HeldSeat>(),
            cancellationToken);
}
