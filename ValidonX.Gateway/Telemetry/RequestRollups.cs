using System.Diagnostics;
using ValidonX.Gateway.Routing;
using ValidonX.Platform.Rollups;

namespace ValidonX.Gateway.Telemetry;

/// <summary>Counts each request of a tenant where it ends, for the tenant's own metrics.</summary>
internal static class RequestRollups
{
    // Nobody was there any more to be answered.
    private const int ClientClosedRequest = 499;

    /// <summary>What is to be done at the end of each request.</summary>
    public static Action<HttpContext> Of(IServiceProvider services)
    {
        var tallies = services.GetRequiredService<Tallies>();
        return context =>
        {
            if (context.Features.Get<GatewayRequest>() is not { } request || request.TenantId == Guid.Empty)
            {
                return;
            }

            var status = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted ? ClientClosedRequest : context.Response.StatusCode;
            // How long somebody watched is not how long an answer took.
            TimeSpan? duration = request.Route.IsWatch ? null : Stopwatch.GetElapsedTime(request.Started);
            tallies.Request(request.TenantId, request.Template, status, request.RefusedBy, duration);
        };
    }
}
