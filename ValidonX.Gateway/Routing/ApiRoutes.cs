using Microsoft.AspNetCore.Http.Features;
using ValidonX.Gateway.Admission;
using ValidonX.Platform.Api;
using ValidonX.Platform.Routes;

namespace ValidonX.Gateway.Routing;

/// <summary>Separates calls of the API, which take the gateway's own short pipeline, from the gateway's few endpoints.</summary>
internal static class ApiRoutes
{
    /// <summary>Largest request body in bytes, but for routes that say otherwise.</summary>
    public const long MaximumBodyBytes = 1024 * 1024;

    /// <summary>Sends every path of the API through <paramref name="pipeline"/>, with a <see cref="GatewayRequest"/>; all others go on.</summary>
    public static IApplicationBuilder UseApiRoutes(this IApplicationBuilder app, Action<IApplicationBuilder> pipeline)
    {
        var branch = app.New();
        pipeline(branch);
        var pace = app.ApplicationServices.GetRequiredService<StrangerPace>();
        // Built with the rest, hence after the options have been validated.
        return app.Use(next =>
        {
            var api = branch.Build();
            return context => InvokeAsync(context, api, next, pace);
        });
    }

    private static Task InvokeAsync(HttpContext context, RequestDelegate api, RequestDelegate next, StrangerPace pace)
    {
        // The server's own reading of the path is decoded, which loses what the next reader would read otherwise.
        var sent = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!RequestTarget.TryRead(sent, sent.StartsWith('/') ? null : context.Request.Headers.Host.ToString(), out var target))
        {
            return pace.RefuseAsync(context, ApiErrors.RouteNotFound);
        }

        // Methods are case-sensitive; a client of ours would send "post" as the POST that it was not judged as.
        var method = context.Request.Method;
        if (method.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            return pace.RefuseAsync(context, ApiErrors.MethodNotAllowed);
        }

        if (RouteTable.Find(target.Path, method) is not { } route)
        {
            return GoOnAsync(context, next, pace);
        }

        var template = RouteTemplates.Name(context, target.Path);
        if (context.Request.ContentLength > route.MaximumBytes)
        {
            return pace.RefuseAsync(context, ApiErrors.RequestTooLarge);
        }

        if (route.MaximumBytes > MaximumBodyBytes && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = route.MaximumBytes;
        }

        context.Features.Set(new GatewayRequest(route, template, sent[target.Start..]));
        return api(context);
    }

    private static async Task GoOnAsync(HttpContext context, RequestDelegate next, StrangerPace pace)
    {
        await pace.WaitAsync(context);
        await next(context);
    }
}
