using Microsoft.AspNetCore.Http.Features;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.Routing;

/// <summary>Separates calls of the API, which take the gateway's own short pipeline, from the gateway's few endpoints.</summary>
internal static class ApiRoutes
{
    /// <summary>Largest request body in bytes.</summary>
    public const long MaximumBodyBytes = 1024 * 1024;

    /// <summary>Sends every path of the API through <paramref name="pipeline"/>, with a <see cref="GatewayRequest"/>; all others go on.</summary>
    public static IApplicationBuilder UseApiRoutes(this IApplicationBuilder app, Action<IApplicationBuilder> pipeline)
    {
        var branch = app.New();
        pipeline(branch);
        // Built with the rest, hence after the options have been validated.
        return app.Use(next =>
        {
            var api = branch.Build();
            return context => InvokeAsync(context, api, next);
        });
    }

    private static Task InvokeAsync(HttpContext context, RequestDelegate api, RequestDelegate next)
    {
        var path = context.Request.Path.Value.AsSpan();
        var alias = RouteTable.AliasLength(path);
        if (RouteTable.Find(path[alias..], context.Request.Method) is not { } route)
        {
            return next(context);
        }

        if (context.Request.ContentLength > MaximumBodyBytes)
        {
            return Envelope.WriteErrorAsync(context, ApiErrors.RequestTooLarge);
        }

        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        context.Features.Set(new GatewayRequest(route, UpstreamPath.Of(target, context.Request, alias)));
        return api(context);
    }
}
