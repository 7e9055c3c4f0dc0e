using System.Reflection;

namespace ValidonX.LicensingApi.Endpoints;

/// <summary>
/// A handler's parameter that is an id in the path, by the parameter's name. What is no UUID becomes the id that nothing has, so that it takes the very path
/// of an id that does not exist, or is another tenant's, and is answered the same.
/// </summary>
/// <param name="Value">The id.</param>
internal sealed record PathId(Guid Value) : IBindableFromHttpContext<PathId>
{
    public static implicit operator Guid(PathId id) => id.Value;

    /// <inheritdoc/>
    public static ValueTask<PathId?> BindAsync(HttpContext context, ParameterInfo parameter) => new(Of(context, parameter.Name!));

    /// <summary>The id in the path under this name.</summary>
    public static PathId Of(HttpContext context, string name) =>
        new(Guid.TryParseExact(context.Request.RouteValues[name] as string, "D", out var id) ? id : Guid.Empty);
}
