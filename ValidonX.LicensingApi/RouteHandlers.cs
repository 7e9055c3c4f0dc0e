namespace ValidonX.LicensingApi;

/// <summary>Endpoints whose handler is a singleton's method: no argument binding, no result object, nothing per request.</summary>
internal static class RouteHandlers
{
    /// <summary>The method of the registered <typeparamref name="T"/>, as an endpoint.</summary>
    public static RequestDelegate Handler<T>(this IEndpointRouteBuilder routes, Func<T, RequestDelegate> method)
        where T : notnull => method(routes.ServiceProvider.GetRequiredService<T>());
}
