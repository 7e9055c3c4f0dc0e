using ValidonX.Gateway.Headers;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.Resolution;

/// <summary>The tenant that a bearer's call names, by <c>Host</c> or <c>X-Tenant-ID</c>.</summary>
/// <param name="IsNamed">Whether it names any.</param>
/// <param name="Id">Which; <see langword="null"/> when it is none that could be, or the two contradict each other.</param>
internal readonly record struct TenantChoice(bool IsNamed, Guid? Id)
{
    /// <summary>Reads it.</summary>
    public static async ValueTask<TenantChoice> OfAsync(HttpContext context, HostTenants hosts, CancellationToken cancellationToken)
    {
        var byHost = await hosts.FindAsync(context.Request.Host, cancellationToken);
        var header = context.Request.Headers[RequestHeaderPolicy.TenantId];
        if (header.Count == 0)
        {
            return new(byHost is not null, byHost);
        }

        return Guid.TryParseExact(header.ToString(), "D", out var named) && (byHost is null || byHost == named) ? new(true, named) : new(true, null);
    }

    /// <summary>The refusal of a call that names none and could mean several.</summary>
    public static ApiError Needed { get; } = ApiErrors.ValidationFailed(RequestHeaderPolicy.TenantId, "You belong to several tenants: name one of them in this header.");
}
