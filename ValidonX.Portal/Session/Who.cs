using System.Security.Claims;

namespace ValidonX.Portal.Session;

/// <summary>Who is signed in, as the sealed cookie says.</summary>
/// <param name="Token">Their token at the gateway.</param>
/// <param name="Name">Their name.</param>
/// <param name="IsOperator">Whether they operate the platform.</param>
/// <param name="TenantId">The tenant whose pages they look at, if they are a vendor's member.</param>
/// <param name="TenantName">Its name.</param>
/// <param name="Role">Their role in it.</param>
public sealed record Who(string Token, string Name, bool IsOperator, string? TenantId, string? TenantName, string? Role)
{
    public const string Operators = "operators";
    public const string Vendors = "vendors";

    private const string TokenClaim = "vx:token";
    private const string KindClaim = "vx:kind";
    private const string TenantClaim = "vx:tenant";
    private const string TenantNameClaim = "vx:tenant-name";
    private const string RoleClaim = "vx:role";

    /// <summary>Who made a request; null if nobody is signed in.</summary>
    public static Who? Of(ClaimsPrincipal? user) => user?.FindFirstValue(TokenClaim) is { } token
        ? new(
            token,
            user.Identity?.Name ?? "",
            user.HasClaim(KindClaim, Operators),
            user.FindFirstValue(TenantClaim),
            user.FindFirstValue(TenantNameClaim),
            user.FindFirstValue(RoleClaim))
        : null;

    /// <summary>Whether they are of a kind.</summary>
    public static bool Is(ClaimsPrincipal user, string kind) => user.HasClaim(KindClaim, kind);

    /// <summary>What goes into the cookie.</summary>
    public ClaimsPrincipal ToPrincipal(string scheme)
    {
        List<Claim> claims = [new(ClaimTypes.Name, Name), new(TokenClaim, Token), new(KindClaim, IsOperator ? Operators : Vendors)];
        if (TenantId is not null)
        {
            claims.AddRange([new(TenantClaim, TenantId), new(TenantNameClaim, TenantName ?? ""), new(RoleClaim, Role ?? "")]);
        }

        return new(new ClaimsIdentity(claims, scheme));
    }
}
