using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Usage;

/// <summary>Turns what an app sends into reports: finds the license, and judges the time.</summary>
internal sealed class UsageReports(LicenseViews licenses, LicenseUse use, IOptions<UsageOptions> options, TimeProvider time)
{
    /// <summary>A report of what happened just now.</summary>
    public ValueTask<Outcome<UsageReport>> OfAsync(TenantPlacement placement, UsageRequest request, byte[]? keyHash, CancellationToken cancellationToken) =>
        OfAsync(placement, request, keyHash, time.GetUtcNow(), cancellationToken);

    /// <summary>A report of what may have happened some time ago.</summary>
    public ValueTask<Outcome<UsageReport>> OfAsync(TenantPlacement placement, BatchedUsage request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var at = request.RecordedAt ?? now;
        return at > now + UsageOptions.Ahead ? new(ApiErrors.ValidationFailed("recorded_at", "Must not lie in the future."))
            : at < now - TimeSpan.FromDays(options.Value.LateDays) ? new(ApiErrors.ValidationFailed("recorded_at", $"Must not lie more than {options.Value.LateDays} days back."))
            : OfAsync(placement, request, SHA256.HashData(Encoding.UTF8.GetBytes(request.IdempotencyKey)), at.ToUniversalTime(), cancellationToken);
    }

    private async ValueTask<Outcome<UsageReport>> OfAsync(
        TenantPlacement placement, UsageRequest request, byte[]? keyHash, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (!LicenseKeyText.IsWellFormed(request.LicenseKey) || await licenses.FindAsync(placement, request.LicenseKey, cancellationToken) is not { } license)
        {
            return ApiErrors.LicenseNotFound;
        }

        if (license.Terms.Status == LicenseStatus.Revoked)
        {
            return ApiErrors.LicenseRevoked;
        }

        use.Note(placement, license);
        return new UsageReport(license, request.Metric, request.Quantity, request.Metadata.Text, at, keyHash);
    }
}
