using ValidonX.LicensingApi.SingleSignOn;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Routes;
using ValidonX.ServiceDefaults.Health;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.LicensingApi.Callers;

/// <summary>
/// Lets nobody in but the gateways: every request except the health checks carries a signed context that a gateway made for this method and
/// this kind of route, or it is refused with 401. Then checks that this caller may call this endpoint. Runs after routing.
/// </summary>
internal sealed class CallerMiddleware(RequestDelegate next, VerifiedCallers callers, SignedOnUsers signedOn, CountedAudit audit)
{
    /// <summary>Characters that the audit log's column takes.</summary>
    private const int LongestSubject = 64;

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        if (path == HealthPaths.Ready || path == HealthPaths.Alive)
        {
            return next(context);
        }

        var headers = context.Request.Headers[InternalHeaders.Context];
        var endpoint = context.GetEndpoint();
        if (headers.Count != 1 || callers.Find(headers[0]) is not { } caller || !IsFor(caller.Context, context.Request.Method, endpoint))
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.Unauthenticated);
        }

        return caller.Context.Claimed is { } claimed ? AdmitAsync(context, caller, claimed) : GoOn(context, caller, endpoint);
    }

    /// <summary>Takes note of what a tenant's issuer says of the caller, who may be new here, and goes on with what is stored since.</summary>
    private async Task AdmitAsync(HttpContext context, Caller caller, ClaimedUser claimed)
    {
        var admitted = await signedOn.AdmitAsync(caller.Placement.TenantId, claimed, caller.Audit(context, "", caller.Placement.TenantId), context.RequestAborted);
        if (admitted.Refusal is { } refusal)
        {
            await Envelope.WriteErrorAsync(context, refusal);
            return;
        }

        await GoOn(context, new Caller(caller.Context with { CallerId = admitted.Value!.UserId, Role = admitted.Value.Role, Claimed = null }), context.GetEndpoint());
    }

    private Task GoOn(HttpContext context, Caller caller, Endpoint? endpoint)
    {
        if (caller.HasTenant)
        {
            TenantTelemetry.Tag(context, caller.TenantIdText, caller.Context.TenantSlug ?? "", caller.Context.TenantPlan ?? "");
        }

        if (endpoint?.Metadata.GetMetadata<CallerRequirement>()?.Refusal(caller) is { } refusal)
        {
            if (refusal == ApiErrors.InsufficientPermissions || refusal == ApiErrors.InvalidScope)
            {
                audit.Note(RefusedCall(context, caller), refusal.Code, caller.Network);
            }

            return Envelope.WriteErrorAsync(context, refusal);
        }

        context.Features.Set(caller);
        return next(context);
    }

    /// <summary>Without an endpoint nothing is done but to say so.</summary>
    private static bool IsFor(CallerContext context, string method, Endpoint? endpoint) =>
        context.Method == method && (endpoint?.Metadata.GetMetadata<ApiRoute>() is not { } route || context.Route == route.Name);

    private static AuditEvent RefusedCall(HttpContext context, Caller caller)
    {
        var route = $"{context.Request.Method} {(context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText}";
        return caller.Audit(context, "access.refused", caller.Context.TenantId) with
        {
            SubjectType = "route",
            SubjectId = route.Length <= LongestSubject ? route : route[..LongestSubject],
        };
    }
}
