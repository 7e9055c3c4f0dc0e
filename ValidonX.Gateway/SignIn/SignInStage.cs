using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.Resolution;
using ValidonX.Gateway.Routing;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;

namespace ValidonX.Gateway.SignIn;

/// <summary>What a sign-in passes before it is forwarded, and what is learned from its answer.</summary>
internal sealed class SignInStage(
    SignInThrottle throttle, KnownNetworks known, SignInMetrics metrics, CountedAudit audit, CallerContextSigner signer, TimeProvider time)
{
    /// <summary>Limits the attempt and sends it on; a success makes its network known, a refusal is counted.</summary>
    public async Task InvokeAsync(HttpContext context, GatewayRequest request, RequestDelegate next)
    {
        var address = ClientAddress.Of(context);
        var network = ClientNetwork.Of(address);
        var account = await SignInBody.AccountAsync(context);
        request.SignedContext = new SignedContext(
            new CallerContext
            {
                Kind = CallerKind.Anonymous,
                Route = request.Route.Name,
                Method = context.Request.Method,
                ClientAddress = address.ToString(),
                ExpiresAt = 0,
            },
            signer,
            time).Header;
        request.LimitBy(await throttle.LayersOfAsync(account, network), context);
        await next(context);
        if (context.Features.Get<RateLimitOutcome>() is { } refusal)
        {
            metrics.Count(SignInMetrics.Throttled);
            audit.Note(new AuditEvent("sign_in.throttled", TenantId: null) { RequestId = RequestIds.Of(context) }, refusal.Policy.Name, network);
        }
        else if (account is { } owner && context.Response.StatusCode == StatusCodes.Status200OK)
        {
            await known.AddAsync(owner, network);
        }
    }
}
