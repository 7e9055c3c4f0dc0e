using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Tokens;

/// <summary>What a new bearer token is to be.</summary>
internal record TokenRequest : IRequest, IChecked
{
    private static readonly TimeSpan DefaultLife = TimeSpan.FromDays(90);
    private static readonly TimeSpan LongestLife = TimeSpan.FromDays(365);

    /// <summary>What its user knows it by.</summary>
    [Text(120)]
    [Example("Build server")]
    public required string Name { get; init; }

    /// <summary>When it ends: in the future, at most 365 days ahead; by default in 90 days.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (ExpiresAt <= at.Now || ExpiresAt > at.Now + LongestLife)
        {
            at.Of("expires_at").Fail("Must lie in the future, and at most 365 days ahead.");
        }
    }

    /// <summary>As the store takes it.</summary>
    public NewToken ToToken(DateTimeOffset now) => new(Name, ExpiresAt ?? now + DefaultLife);
}

/// <summary>What a new token of a tenant's member is to be.</summary>
internal sealed record MemberTokenRequest : TokenRequest
{
    /// <summary>The member; by default the tenant's first owner.</summary>
    public Guid? UserId { get; init; }
}
