using Microsoft.AspNetCore.RateLimiting;
using ValidonX.Gateway.Routing;
using ValidonX.RateLimiting;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Gateway.Limits;

internal static class LeasedRateLimitingExtensions
{
    /// <summary>
    /// Adds leased rate limits as the global limiter of the framework's rate-limiting middleware. Needs an
    /// <c>IConnectionMultiplexer</c> that connects with <c>AbortOnConnectFail=false</c>; takes an <see cref="IMonthlyCounterStore"/> when one is
    /// registered. A caller is limited when its request carries <see cref="IRateLimitSubject"/> before <c>UseRateLimiter</c>.
    /// </summary>
    public static IServiceCollection AddLeasedRateLimiting(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddLeasedRateLimits(configuration);
        services.AddRateLimiter(static _ => { });
        services.AddOptions<RateLimiterOptions>().Configure<LeaseEngine>(static (options, engine) =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.GlobalLimiter = new LeasedRateLimiter(engine);
            options.OnRejected = (rejected, _) =>
            {
                var context = rejected.HttpContext;
                if (context.Features.Get<RateLimitOutcome>() is not { } outcome)
                {
                    return ValueTask.CompletedTask;
                }

                TenantTelemetry.Refused(context, outcome.Policy.Name);
                context.Features.Get<GatewayRequest>()?.RefusedBy = outcome.Policy.Name;
                return new ValueTask(RateLimitRefusal.WriteAsync(context, outcome, engine, RequestId(context)));
            };
        });
        return services;
    }

    /// <summary>The id the answer already carries, else a new one that it then carries.</summary>
    private static string RequestId(HttpContext context)
    {
        const string header = "X-Request-ID";
        if (context.Response.Headers[header] is [{ Length: > 0 } id]) return id;
        var made = Guid.CreateVersion7().ToString();
        context.Response.Headers[header] = made;
        return made;
    }
}
