using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>Where a tenant's users sign in, and as what they come.</summary>
internal sealed record SsoRequest : IRequest, IChecked, ICheckedByStore
{
    private const int MaximumSecretLength = 512;

    private static readonly string[] Roles = ["viewer", "developer", "admin"];

    /// <summary>The OpenID Connect issuer: an address that begins with https://, exactly as its tokens have it in `iss`.</summary>
    [Text(IssuerAddress.MaximumLength)]
    [Example("https://login.acme.example/")]
    public required string Issuer { get; init; }

    /// <summary>As what the platform is registered there.</summary>
    [Text(255)]
    [Example("validonx")]
    public required string ClientId { get; init; }

    /// <summary>The client's secret, which is never shown again. Absent, the one that is stored stays as long as issuer and client do; null takes it away.</summary>
    [Secret(MaximumSecretLength)]
    [Example("the secret that the issuer shows once")]
    public Given<string> ClientSecret { get; init; }

    /// <summary>The audience that a bearer's token has to name; absent or null is the client.</summary>
    [Text(255)]
    [Example("https://api.acme.example")]
    public string? Audience { get; init; }

    /// <summary>The claim that names a user's role: `viewer`, `developer` or `admin`, as a text or a list of texts, of which the highest counts; others are passed over. A path through objects has dots.</summary>
    [Text(128)]
    [Example("realm_access.roles")]
    public string? RoleClaim { get; init; }

    /// <summary>The role of users to whom the claim gives none; absent or null lets them not in.</summary>
    [Words("viewer", "developer", "admin")]
    [Example("viewer")]
    public string? DefaultRole { get; init; }

    /// <summary>The most that anyone becomes by signing in at the issuer, whatever the claim says. Owners are made in the tenant only.</summary>
    [Words("viewer", "developer", "admin")]
    [Example("developer")]
    public string HighestRole { get; init; } = "admin";

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (at.Has("role_claim") || at.Has("default_role") || at.Has("highest_role"))
        {
            return;
        }

        if (RoleClaim is null && DefaultRole is null)
        {
            at.Of("default_role").Fail("Is required where no role_claim is given: nobody would have a role.");
        }

        if (DefaultRole is not null && Array.IndexOf(Roles, DefaultRole) > Array.IndexOf(Roles, HighestRole))
        {
            at.Of("default_role").Fail("Must not be above highest_role.");
        }
    }

    /// <inheritdoc/>
    public ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (Issuer is not null && !errors.Has("issuer") && !IssuerAddress.IsValid(Issuer, services.GetRequiredService<IOptions<SingleSignOnOptions>>().Value.AllowLoopback))
        {
            errors.Add("issuer", "Must be an address that begins with https://, without a user name, query or fragment.");
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Where a tenant's users sign in.</summary>
/// <param name="Issuer">The OpenID Connect issuer.</param>
/// <param name="ClientId">As what the platform is registered there.</param>
/// <param name="HasClientSecret">Whether a secret of the client is stored.</param>
/// <param name="Audience">The audience that a bearer's token has to name.</param>
/// <param name="RoleClaim">The claim that names a user's role.</param>
/// <param name="DefaultRole">The role of users to whom the claim gives none.</param>
/// <param name="HighestRole">The most that anyone becomes by signing in at the issuer.</param>
/// <param name="RedirectUri">Where the issuer has to send browsers back to: to be registered there.</param>
/// <param name="UpdatedAt">Since when it is so.</param>
internal sealed record ShownSso(
    [property: Example("https://login.acme.example/")] string Issuer,
    [property: Example("validonx")] string ClientId,
    bool HasClientSecret,
    [property: Example("validonx")] string Audience,
    [property: Example("realm_access.roles")] string? RoleClaim,
    [property: Words("viewer", "developer", "admin")] string? DefaultRole,
    [property: Words("viewer", "developer", "admin")] string HighestRole,
    [property: Example("https://portal.validonx.example/sso/callback")] string RedirectUri,
    DateTimeOffset UpdatedAt);
