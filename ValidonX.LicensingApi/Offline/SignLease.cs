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
    /// <exception cref="ApiException">404: the instance has no seat of it.</exception>
    public async Task<string> SignAsync(Caller caller, LicenseView license, LeaseQuestion question, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Without this a single seat would be enough for any number of instances that never ask again.
        if (question.InstanceId is { } instance && !await HasSeatAsync(caller.Placement, license.Id, instance, cancellationToken))
        {
            throw new ApiException(ApiErrors.ActivationNotFound);
        }

        var signing = await keys.FindAsync(caller.Placement, caller.Context.TenantPlan ?? "", cancellationToken);
        var claims = new Claims
        {
            Issuer = options.Value.Issuer,
            TenantId = caller.Placement.TenantId,
            LicenseId = license.Id,
            Terms = license.Terms,
            Entitlements = license.Entitlements.Values,
            IssuedAt = now,
            Lifetime = signing.Lease,
            Grace = signing.Grace,
            Id = Guid.CreateVersion7(now),
            Nonce = question.Nonce,
            InstanceId = question.InstanceId,
        };
        return Jws.Sign(signing.Key, Jws.Lease, claims.Write);
    }

    private async Task<bool> HasSeatAsync(TenantPlacement placement, Guid licenseId, string instanceId, CancellationToken cancellationToken) =>
        await databases.ReadAsync(
            placement,
            "SELECT EXISTS (SELECT 1 FROM activations WHERE license_id = @licenseId AND instance_id = @instanceId AND active_marker = 1)",
            new { licenseId, instanceId },
            static rows => rows.ReadSingleAsync<bool>(),
            cancellationToken);
}
