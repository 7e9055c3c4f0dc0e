using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.Resolution;
using ValidonX.Gateway.Routing;
using ValidonX.Gateway.SignIn;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Routes;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Gateway.Customers;

/// <summary>
/// What a call of a tenant's customer passes: the host alone names the tenant, and of the caller nothing is known but the address. So it takes one of the strangers' places and none
/// of the tenant's, and what can be guessed is limited.
/// </summary>
internal sealed class CustomerStage(
    HostTenants hosts, CallerRecords records, SignInThrottle throttle, CountedAudit audit, CallerContextSigner signer, TimeProvider time)
{
    /// <summary>Finds the tenant, limits the call and sends it on.</summary>
    public async Task InvokeAsync(HttpContext context, GatewayRequest request, RequestDelegate next)
    {
        var address = ClientAddress.Of(context);
        if (await hosts.FindForStrangerAsync(context.Request.Host, address, context.RequestAborted) is not { } tenantId
            || await records.TenantAsync(tenantId, context.RequestAborted) is not { } tenant)
        {
            await Envelope.WriteErrorAsync(context, ApiErrors.TenantNotFound);
            return;
        }

        request.TenantId = tenant.Id;
        TenantTelemetry.Tag(context, tenant.Id.ToString(), tenant.Slug, tenant.Plan);
        if (tenant.Refusal() is { } refusal)
        {
            await Envelope.WriteErrorAsync(context, refusal);
            return;
        }

        var network = ClientNetwork.Of(address);
        if (request.Route.Attempt != SignInAttempt.None)
        {
            request.LimitBy(throttle.LayersOfCustomer(request.Route.Attempt, tenant.Id, network), context);
        }

        request.Cluster = tenant.Cluster;
        request.SignedContext = SignedContext.Once(
            new CallerContext
            {
                Kind = CallerKind.Customer,
                TenantId = tenant.Id,
                TenantSlug = tenant.Slug,
                TenantPlan = tenant.Plan,
                ServerName = tenant.ServerName,
                DatabaseName = tenant.DatabaseName,
                ExpiresAt = 0,
            },
            context,
            request.Route,
            signer,
            time);
        await next(context);
        if (request.Route.Attempt != SignInAttempt.None && context.Features.Get<RateLimitOutcome>() is { } refused)
        {
            audit.Note(new AuditEvent("customer.throttled", tenant.Id) { RequestId = RequestIds.Of(context) }, refused.Policy.Name, network);
        }
    }
}
