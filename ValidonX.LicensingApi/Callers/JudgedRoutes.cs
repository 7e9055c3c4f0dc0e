using ValidonX.Platform.Routes;

namespace ValidonX.LicensingApi.Callers;

/// <summary>Ties each endpoint to the kind of route as which the gateway judges requests for it.</summary>
internal static class JudgedRoutes
{
    /// <summary>
    /// Gives every endpoint of the group the <see cref="ApiRoute"/> of its own pattern. The pattern is what this server found the endpoint by,
    /// so a gateway that has read a path as something else is found out.
    /// </summary>
    /// <exception cref="InvalidOperationException">When the endpoints are built: the gateway has no route to one of them.</exception>
    public static RouteGroupBuilder JudgedByTheGateway(this RouteGroupBuilder group)
    {
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            var pattern = ((RouteEndpointBuilder)endpoint).RoutePattern.RawText ?? "";
            var methods = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [];
            var route = methods.Select(method => RouteTable.Find(pattern.TrimEnd('/'), method)).Distinct().ToArray() is [{ } only]
                ? only
                : throw new InvalidOperationException($"The gateway does not know the route of '{pattern}' ({string.Join(", ", methods)}).");
            endpoint.Metadata.Add(route);
        });
        return group;
    }
}
