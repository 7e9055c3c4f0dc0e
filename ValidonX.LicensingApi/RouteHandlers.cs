using System.Reflection;

namespace ValidonX.LicensingApi;

/// <summary>Endpoints whose handler is a singleton's method: no argument binding, no result object, nothing per request.</summary>
internal static class RouteHandlers
{
    /// <summary>Maps a POST to the method of the registered <typeparamref name="T"/>.</summary>
    public static IEndpointConventionBuilder MapHandler<T>(this IEndpointRouteBuilder routes, string pattern, Func<T, RequestDelegate> method)
        where T : notnull
    {
        var services = routes.ServiceProvider;
        RequestDelegate? handler = null;
        // Not before the first request: a service whose configuration is incomplete has to say so first.
        return routes.MapPost(pattern, context => (handler ??= method(services.GetRequiredService<T>()))(context))
            // By which what documents the API finds it.
            .WithMetadata(typeof(T).GetMethod("HandleAsync", BindingFlags.Instance | BindingFlags.Public)!);
    }
}
