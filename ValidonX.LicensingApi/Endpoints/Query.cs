using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Endpoints;

/// <summary>
/// A handler's parameter that is the request's query string, read and checked like a body; bad ones are 422 with all bad parameters. Of a parameter that is
/// there several times the first counts; an empty one is absent.
/// </summary>
/// <param name="Value">What was asked for.</param>
internal sealed record Query<T>(T Value) : IBindableFromHttpContext<Query<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    /// <inheritdoc/>
    public static async ValueTask<Query<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        var texts = new JsonObject();
        foreach (var (name, values) in context.Request.Query)
        {
            if (values.Count > 0 && !string.IsNullOrEmpty(values[0]))
            {
                texts[name] = values[0];
            }
        }

        return new Query<T>(await RequestFields.ReadAsync<T>(context, JsonSerializer.SerializeToElement(texts), isQuery: true));
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new QueryOf(typeof(T)));
}

/// <summary>Endpoint metadata: the record that the query string is read into.</summary>
internal sealed record QueryOf(Type Type);

/// <summary>The parameters that every list has; one with filters inherits it.</summary>
internal record ListQuery
{
    /// <summary>Most items on the page.</summary>
    [Whole(1, PageRequest.Maximum)]
    [Example("25")]
    public int Limit { get; init; } = PageRequest.Default;

    /// <summary>Where the page begins: <c>meta.next_cursor</c> of the page before.</summary>
    [Cursor]
    public RawCursor? Cursor { get; init; }

    /// <summary>Which page is asked for.</summary>
    public PageRequest Page() => new(Limit, Cursor?.Before);
}

/// <summary>A cursor that was read.</summary>
/// <param name="Before">The last id of the page before.</param>
internal sealed record RawCursor(Guid Before);
