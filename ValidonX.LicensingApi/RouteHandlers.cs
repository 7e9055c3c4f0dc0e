namespace ValidonX.LicensingApi;

/// <summary>Endpoints whose handler is a singleton's method: no argument binding, no result object, nothing per request.</summary>
internal static class RouteHandlers
{
    /// <summary>The method of the registered <typeparamref name="T"/>, as an endpoint.</summary>
    public static RequestDelegate Handler<T>(this IEndpointRouteBuilder routes, Func<T, RequestDelegate> method)
        where T : notnull
    {
        var services = routes.ServiceProvider;
        RequestDelegate? handler = null;
        // Not before the first request: a service whose configuration is incomplete has to say so first.
        return context => (handler ??= method(services.GetRequiredService<T>()))(context);
    }
}
