using Microsoft.AspNetCore.Http.Features;
using ValidonX.Gateway.Admission;
using ValidonX.Gateway.Customers;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Routing;
using ValidonX.Gateway.SignIn;
using ValidonX.Gateway.Telemetry;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Routes;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Gateway.Resolution;

/// <summary>
/// The step that finds out who calls and for which tenant, refuses who may not, and prepares what the later steps need. For a key that is
/// in memory it neither waits nor allocates.
/// </summary>
internal sealed class CallerResolution(
    RequestDelegate next,
    ApiKeyResolver keys,
    BearerResolver bearers,
    TenantGates gates,
    StrangerPace pace,
    LastUsed lastUsed,
    SignInStage signIn,
    CustomerStage customers,
    SignInThrottle throttle,
    CallerContextSigner signer,
    ResolutionMetrics metrics,
    TimeProvider time)
{
    private readonly SignedContexts _anonymous = new(new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = 0 }, signer, time);

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Features.GetRequiredFeature<GatewayRequest>();
        switch (request.Route.Kind)
        {
            case RouteKind.Integration:
                var header = context.Request.Headers[RequestHeaderPolicy.ApiKey];
                return keys.TryResolve(header.Count == 1 ? header[0] : null, out var hash, out var key)
                    ? GoOn(context, request, key)
                    : ResolveKeyAsync(context, request, hash);
            case RouteKind.Public:
                request.SignedContext = _anonymous.HeaderFor(request.Route, context.Request.Method);
                return next(context);
            case RouteKind.Login:
                return signIn.InvokeAsync(context, request, next);
            case RouteKind.Customer:
                return customers.InvokeAsync(context, request, next);
            default:
                return ResolveBearerAsync(context, request);
        }
    }

    private Task GoOn(HttpContext context, GatewayRequest request, ResolvedKey? key)
    {
        if (key is null)
        {
            return pace.RefuseAsync(context, ApiErrors.InvalidApiKey);
        }

        request.TenantId = key.Record.Tenant.Id;
        if (key.Refusal(request.Route.Scope, context, time) is { } refusal)
        {
            return Envelope.WriteErrorAsync(context, refusal);
        }

        var tenant = key.Record.Tenant;
        request.SignedContext = key.Contexts.HeaderFor(request.Route, context.Request.Method);
        request.Cluster = tenant.Cluster;
        request.Gate = key.Gate;
        request.LimitBy(key.LayersOf(request.Route.Limit), context);
        lastUsed.NoteKey(key.Record.KeyId, key.Use);
        TenantTelemetry.Tag(context, key.TenantIdText, tenant.Slug, tenant.Plan);
        return next(context);
    }

    private async Task ResolveKeyAsync(HttpContext context, GatewayRequest request, ApiKeyHash hash)
    {
        // An address that sends invented keys by the hundred gets no look-ups by the hundred.
        await pace.WaitIfBeyondAsync(context);
        var started = time.GetTimestamp();
        var key = await keys.ResolveAsync(hash, ClientAddress.Of(context), context.RequestAborted);
        metrics.Key(time.GetElapsedTime(started), isKnown: key is not null);
        await GoOn(context, request, key);
    }

    private async Task ResolveBearerAsync(HttpContext context, GatewayRequest request)
    {
        var started = time.GetTimestamp();
        BearerCaller caller;
        try
        {
            caller = await bearers.ResolveAsync(context, request.Route, context.RequestAborted);
        }
        catch (ApiException refused) when (refused.Error.Status == StatusCodes.Status401Unauthorized)
        {
            await pace.WaitAsync(context);
            throw;
        }

        metrics.Bearer(time.GetElapsedTime(started));
        request.SignedContext = SignedContext.Once(caller.ToContext(), context, request.Route, signer, time);
        if (caller.Token is { } token)
        {
            lastUsed.NoteToken(token.Id, token.Use);
        }

        if (request.Route.Limit is LimitedEndpoint.Password or LimitedEndpoint.SecondFactor)
        {
            request.LimitBy(throttle.LayersOf(request.Route.Limit, caller.Id ?? Guid.Empty), context);
        }

        if (caller.Tenant is { } tenant)
        {
            request.TenantId = tenant.Id;
            request.Cluster = tenant.Cluster;
            request.Gate = gates.Of(tenant.Id);
            TenantTelemetry.Tag(context, tenant.Id.ToString(), tenant.Slug, tenant.Plan);
        }
        else
        {
            request.Gate = request.Route.Kind == RouteKind.Operator ? gates.Operators : gates.Accounts;
        }

        if (request.Route.IsWatch)
        {
            request.Gate = gates.WatchesOf(caller.Id ?? Guid.Empty);
        }

        await next(context);
    }
}
