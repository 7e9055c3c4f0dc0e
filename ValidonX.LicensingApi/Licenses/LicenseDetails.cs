using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>A licence as its vendor sees it (CONTRACT §6.1).</summary>
internal sealed record LicenseDetails(
    Guid Id,
    string Key,
    string Type,
    string Status,
    Guid? ProductId,
    DateTimeOffset? ExpiresAt,
    RawJson Entitlements,
    int GraceDays,
    LicenseCustomer? Customer,
    RawJson Metadata,
    long ActivationsCount,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset CreatedAt);

/// <summary>Who holds the licence.</summary>
internal sealed record LicenseCustomer(string? Name, string? Email);

/// <summary>The answer that holds one licence.</summary>
internal sealed record LicenseAnswer(LicenseDetails License);
