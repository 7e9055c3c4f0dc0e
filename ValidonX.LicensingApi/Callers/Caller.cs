using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Callers;

/// <summary>The verified caller of a request, with what every request would otherwise compute again. Shared by all requests under one signature.</summary>
internal sealed class Caller(CallerContext context) : IBindableFromHttpContext<Caller>
{
    /// <summary>What the gateway signed.</summary>
    public CallerContext Context { get; } = context;

    /// <summary>Whether the context names a tenant and where its data lives.</summary>
    public bool HasTenant { get; } = context is { TenantId: not null, ServerName: not null, DatabaseName: not null };

    /// <summary>The tenant's id as text, for telemetry.</summary>
    public string TenantIdText { get; } = context.TenantId?.ToString() ?? "";

    /// <summary>The tenant; only on routes that are a tenant's.</summary>
    public TenantPlacement Placement => Context.Placement;

    /// <summary>The key, user or operator.</summary>
    public Guid Id => Context.CallerId ?? Guid.Empty;

    /// <summary>Where the caller's calls come from, for what is counted by it.</summary>
    public string Network => ClientNetwork.Of(Context.ClientAddress);

    private string Details { get; } = context.ClientAddress is { } address ? new JsonObject { ["address"] = address }.ToJsonString() : "{}";

    /// <summary>The caller as a handler's parameter.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => new(context.GetCaller());

    /// <summary>An audit event that this caller caused by this request.</summary>
    public AuditEvent Audit(HttpContext request, string action, Guid? tenantId) =>
        new(action, tenantId)
        {
            ActorType = Context.Kind switch
            {
                CallerKind.ApiKey => "api_key",
                CallerKind.User => "user",
                CallerKind.Operator => "operator",
                CallerKind.Customer => "customer",
                _ => "system",
            },
            ActorId = Context.CallerId?.ToString(),
            RequestId = RequestIds.Of(request),
            Details = Details,
        };
}

internal static class CallerOfRequest
{
    /// <summary>The caller; every route but the health checks has one.</summary>
    public static Caller GetCaller(this HttpContext context) => context.Features.GetRequiredFeature<Caller>();
}
