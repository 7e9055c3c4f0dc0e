using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.Resolution;
using ValidonX.Gateway.Routing;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Routes;

namespace ValidonX.Gateway.SignIn;

/// <summary>What a sign-in passes before it is forwarded, and what is learned from its answer.</summary>
internal sealed class SignInStage(
    SignInThrottle throttle, KnownNetworks known, SignInMetrics metrics, CountedAudit audit, CallerContextSigner signer, TimeProvider time)
{
    /// <summary>How long a refusal is kept back, so that who hammers with some connections costs next to nothing.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(250);

    /// <summary>Refusals kept back at a time; further ones are told at once.</summary>
    private const int MostHeld = 1_000;

    private int _held;

    /// <summary>Limits the attempt and sends it on; a success makes its network known, a refusal is counted.</summary>
    public async Task InvokeAsync(HttpContext context, GatewayRequest request, RequestDelegate next)
    {
        var network = ClientNetwork.Of(ClientAddress.Of(context));
        request.SignedContext = SignedContext.Once(new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = 0 }, context, request.Route, signer, time);
        EmailAddress? account = null;
        if (throttle.Exhausted(request.Route.Attempt, network) is { } exhausted)
        {
            request.LimitBy(exhausted, context);
            await HoldAsync(context.RequestAborted);
        }
        else
        {
            account = await SignInBody.AccountAsync(context);
            var layers = await throttle.LayersOfAsync(request.Route, account, network);
            request.LimitBy(layers, context);
            if (throttle.IsExhausted(layers))
            {
                await HoldAsync(context.RequestAborted);
            }
        }

        await next(context);
        if (context.Features.Get<RateLimitOutcome>() is { } refusal)
        {
            metrics.Count(SignInMetrics.Throttled);
            audit.Note(new AuditEvent("sign_in.throttled", TenantId: null) { RequestId = RequestIds.Of(context) }, refusal.Policy.Name, network);
        }
        else if (account is { } owner && request.Route.Attempt == SignInAttempt.Password && context.Response.StatusCode == StatusCodes.Status200OK)
        {
            await known.AddAsync(owner, network);
        }
    }

    private async Task HoldAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Interlocked.Increment(ref _held) <= MostHeld)
            {
                await Task.Delay(Hold, time, cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }
    }
}
