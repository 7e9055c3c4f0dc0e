using System.Buffers.Text;
using System.Security.Cryptography;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.Offline;

/// <summary>A row of <c>signing_keys</c>.</summary>
internal sealed record SigningKeyRow
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, slot, sealed_private, x, y, created_at, retired_at, needed_until, revoked_at";

    /// <summary>The slot of the key that signs.</summary>
    public const string Active = "active";

    /// <summary>The slot of the key that will sign after it, published ahead so that machines which are seldom online know it in time.</summary>
    public const string Next = "next";

    public Guid Id { get; init; }

    public string? Slot { get; init; }

    public byte[] SealedPrivate { get; init; } = [];

    public string X { get; init; } = "";

    public string Y { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? RetiredAt { get; init; }

    public DateTimeOffset? NeededUntil { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>A new key of a tenant.</summary>
    public static SigningKeyRow Create(Guid tenantId, string slot, SecretSealer sealer, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (id, point) = (Guid.CreateVersion7(now), key.ExportParameters(includePrivateParameters: false).Q);
        return new SigningKeyRow
        {
            Id = id,
            Slot = slot,
            SealedPrivate = sealer.Seal(Convert.ToBase64String(key.ExportPkcs8PrivateKey()), SealedPurposes.SigningKey(tenantId), id),
            X = Base64Url.EncodeToString(point.X),
            Y = Base64Url.EncodeToString(point.Y),
            CreatedAt = now,
        };
    }

    /// <summary>Opens it to sign with.</summary>
    /// <exception cref="CryptographicException">It is another tenant's, or damaged, or was sealed under another key.</exception>
    public SigningKey Open(Guid tenantId, SecretSealer sealer)
    {
        using var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(Convert.FromBase64String(sealer.Open(SealedPrivate, SealedPurposes.SigningKey(tenantId), Id)), out _);
        return new SigningKey(Id, key.ExportParameters(includePrivateParameters: true));
    }

    /// <summary>Whether apps still have to know it.</summary>
    public bool IsPublishedAt(DateTimeOffset now) => RevokedAt is null && (Slot is not null || now < NeededUntil);

    /// <summary>As its owner sees it.</summary>
    public ShownSigningKey Show(DateTimeOffset now) =>
        new(
            Id,
            Slot ?? (RevokedAt is not null ? ShownSigningKey.Revoked : IsPublishedAt(now) ? ShownSigningKey.Retiring : ShownSigningKey.Retired),
            CreatedAt,
            RetiredAt,
            NeededUntil,
            RevokedAt);
}

/// <summary>A key that signs leases, license files and lists of revocations.</summary>
/// <param name="Id">Its id: the `kid` of what it signs.</param>
/// <param name="Status">
/// `active`: it signs. `next`: it will sign after the next rotation and is published already. `retiring`: it signs no more, and is published until the last that it
/// signed has ended. `retired`: that has ended. `revoked`: it is not published, and nothing that it signed is good any more.
/// </param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RetiredAt">When it ceased to sign.</param>
/// <param name="PublishedUntil">Until when it is published, once it has ceased to sign.</param>
/// <param name="RevokedAt">When it was revoked.</param>
internal sealed record ShownSigningKey(
    Guid Id,
    [property: Words(SigningKeyRow.Active, SigningKeyRow.Next, ShownSigningKey.Retiring, ShownSigningKey.Retired, ShownSigningKey.Revoked)] string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset? RetiredAt,
    DateTimeOffset? PublishedUntil,
    DateTimeOffset? RevokedAt)
{
    public const string Retiring = "retiring";
    public const string Retired = "retired";
    public const string Revoked = "revoked";
}

/// <summary>The answer that holds one signing key.</summary>
internal sealed record SigningKeyAnswer(ShownSigningKey SigningKey);
