using System.Text.Json;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Offline;

/// <summary>The claims about a license, in a lease and in a license file alike (docs/offline.md).</summary>
internal sealed record Claims
{
    public required string Issuer { get; init; }

    public required Guid TenantId { get; init; }

    public required Guid LicenseId { get; init; }

    public required LicenseTerms Terms { get; init; }

    /// <summary>Its entitlements, a JSON object (<see cref="Entitlement.ToFlatObject"/>).</summary>
    public required string Entitlements { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>How long it is good by itself.</summary>
    public required TimeSpan Lifetime { get; init; }

    /// <summary>How much longer one goes on who finds nobody to ask.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>The end of what it is given for besides the license, if there is one: a seat's lease, the hours in which the license is good.</summary>
    public DateTimeOffset? Until { get; init; }

    public required Guid Id { get; init; }

    public string? Nonce { get; init; }

    public string? InstanceId { get; init; }

    /// <summary>Until when it is good by itself: never longer than the license and its seat.</summary>
    public DateTimeOffset ExpiresAt => Earlier(IssuedAt + Lifetime);

    /// <summary>Until when one goes on who finds nobody to ask: never longer than the license and its seat.</summary>
    public DateTimeOffset GraceUntil => Earlier(IssuedAt + Lifetime + Grace);

    /// <summary>Writes them. Times are whole seconds since 1970 (RFC 7519), cut off, so that nothing is good for longer than is said.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("iss"u8, Issuer);
        writer.WriteString("aud"u8, TenantId);
        writer.WriteString("sub"u8, LicenseId);
        writer.WriteString("jti"u8, Id);
        writer.WriteNumber("iat"u8, IssuedAt.ToUnixTimeSeconds());
        writer.WriteNumber("exp"u8, ExpiresAt.ToUnixTimeSeconds());
        writer.WriteNumber("grace_until"u8, GraceUntil.ToUnixTimeSeconds());
        writer.WriteString("status"u8, ShownLicenseStatus.Of(Terms.StateAt(IssuedAt)));
        writer.WriteString("type"u8, Terms.Type.Word());
        if (Terms.ExpiresAt is { } expiry)
        {
            writer.WriteNumber("license_expires_at"u8, expiry.ToUnixTimeSeconds());
        }

        writer.WritePropertyName("entitlements"u8);
        writer.WriteRawValue(Entitlements, skipInputValidation: true);
        if (InstanceId is not null)
        {
            writer.WriteString("instance_id"u8, InstanceId);
        }

        if (Nonce is not null)
        {
            writer.WriteString("nonce"u8, Nonce);
        }
    }

    private DateTimeOffset Earlier(DateTimeOffset time)
    {
        time = Terms.EndsAt < time ? Terms.EndsAt.Value : time;
        return Until < time ? Until.Value : time;
    }
}
