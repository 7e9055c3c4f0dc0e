using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Entitlements;

/// <summary>The answer to <c>entitlements/check</c>.</summary>
internal sealed record EntitlementsAnswer(CheckedEntitlements Entitlements);

/// <summary>What a license grants of what was asked for, by code.</summary>
internal sealed record CheckedEntitlements(IReadOnlyDictionary<string, CheckedFeature> Features, IReadOnlyDictionary<string, CheckedLimit> Limits);

/// <summary>One feature: whether it is granted, and its value; <see langword="null"/> when the license has none.</summary>
internal sealed record CheckedFeature(bool Granted, RawJson? Value);

/// <summary>A number as a limit: what of it is used in this calendar month (UTC), or, for seats, taken now.</summary>
internal sealed record CheckedLimit(decimal Limit, string Type, long Used, decimal Remaining);
