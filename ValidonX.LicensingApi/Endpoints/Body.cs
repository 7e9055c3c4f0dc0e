using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Endpoints;

/// <summary>
/// A handler's parameter that is the request's JSON body, read and checked: a bad one never reaches the handler (400, 413, 415, or 422 with all bad
/// fields). <typeparamref name="T"/> is a record whose properties say what is good (<see cref="FieldAttribute"/>); it is in the API's document.
/// </summary>
/// <param name="Value">What was sent.</param>
/// <param name="Utf8">The bytes as received, for hashing.</param>
internal sealed record Body<T>(T Value, ReadOnlyMemory<byte> Utf8) : IBindableFromHttpContext<Body<T>>, IEndpointParameterMetadataProvider
    where T : class, IRequest
{
    /// <inheritdoc/>
    public static async ValueTask<Body<T>?> BindAsync(HttpContext context, ParameterInfo parameter) => await ReadAsync(context);

    /// <summary>Reads it.</summary>
    /// <exception cref="ApiException">It cannot be read, or has bad fields.</exception>
    public static async Task<Body<T>> ReadAsync(HttpContext context)
    {
        var body = await RequestBody.ReadAsync(context, T.IsOptional);
        return new Body<T>(await RequestFields.ReadAsync<T>(context, body.Root, isQuery: false), body.Utf8);
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T), T.IsOptional));
}

/// <summary>A body of an endpoint.</summary>
internal interface IRequest
{
    /// <summary>Whether the body may be absent, which is then <c>{}</c>.</summary>
    static virtual bool IsOptional => false;
}

/// <summary>Reads the fields of a request and ends it with 422 when one is bad.</summary>
internal static class RequestFields
{
    /// <exception cref="ApiException">With all bad fields.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpContext context, JsonElement from, bool isQuery)
        where T : class
    {
        var errors = new FieldErrors();
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var read = (T)RecordReader.Of(typeof(T)).Read(from, new FieldPlace("", errors, isQuery, now));
        if (read is ICheckedByStore stored)
        {
            await stored.CheckAsync(errors, context.RequestServices, context.RequestAborted);
        }

        errors.ThrowIfAny();
        return read;
    }
}
