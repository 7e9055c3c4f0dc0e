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
    public async ValueTask<Outcome<UsageReport>> OfAsync(TenantPlacement placement, UsageRequest request, byte[]? keyHash, CancellationToken cancellationToken) =>
        Of(placement, request, LicenseKeyText.IsWellFormed(request.LicenseKey) ? await licenses.FindAsync(placement, request.LicenseKey, cancellationToken) : null, time.GetUtcNow(), keyHash);

    /// <summary>Reports of what may have happened some time ago, in their order.</summary>
    public async Task<IReadOnlyList<Outcome<UsageReport>>> OfAsync(TenantPlacement placement, IReadOnlyList<BatchedUsage> requests, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var found = await licenses.FindAllAsync(placement, requests.Select(request => request.LicenseKey).Where(LicenseKeyText.IsWellFormed), cancellationToken);
        return [.. requests.Select(request => OfBatch(placement, request, found.GetValueOrDefault(request.LicenseKey), now))];
    }

    private Outcome<UsageReport> OfBatch(TenantPlacement placement, BatchedUsage request, LicenseView? license, DateTimeOffset now)
    {
        var at = request.RecordedAt ?? now;
        return at > now + UsageOptions.Ahead ? ApiErrors.ValidationFailed("recorded_at", "Must not lie in the future.")
            : at < now - TimeSpan.FromDays(options.Value.LateDays) ? ApiErrors.ValidationFailed("recorded_at", $"Must not lie more than {options.Value.LateDays} days back.")
            : Of(placement, request, license, at.ToUniversalTime(), SHA256.HashData(Encoding.UTF8.GetBytes(request.IdempotencyKey)));
    }

    private Outcome<UsageReport> Of(TenantPlacement placement, UsageRequest request, LicenseView? license, DateTimeOffset at, byte[]? keyHash)
    {
        if (license is null)
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
