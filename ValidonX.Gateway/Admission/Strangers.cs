using Microsoft.AspNetCore.Http.Features;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Routing;
using ValidonX.Platform.Routes;

namespace ValidonX.Gateway.Admission;

/// <summary>The stage of routes that need no credential: who calls them is held to a pace and a quota by address, and has sent all of its small body first.</summary>
internal sealed class Strangers(RequestDelegate next, StrangerPace pace, AddressLimit limit, BodyReceipt bodies)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Features.GetRequiredFeature<GatewayRequest>();
        return request.Route.Kind is RouteKind.Public or RouteKind.Login or RouteKind.Customer ? ReceiveAsync(context, request) : next(context);
    }

    private async Task ReceiveAsync(HttpContext context, GatewayRequest request)
    {
        await pace.WaitAsync(context);
        await bodies.WaitAsync(context, request.Route.MaximumAnonymousBytes);
        if (request.Route.Kind == RouteKind.Public || request.Route is { Kind: RouteKind.Customer, Attempt: SignInAttempt.None })
        {
            request.LimitBy(limit.LayersFor(ClientAddress.Of(context)), context);
        }

        await next(context);
    }
}
