using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>The API's document (OpenAPI 3.1), made of the endpoints' declarations when it is first asked for and kept.</summary>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    /// <summary>The document's name.</summary>
    public const string Name = "v1";

    private readonly Lock _lock = new();
    private Task<Rendered>? _rendered;

    /// <summary>The document and its entity tag.</summary>
    public Task<Rendered> ReadAsync()
    {
        lock (_lock)
        {
            // Nothing in it depends on who asks. One that could not be made is made again.
            return _rendered is { IsFaulted: false, IsCanceled: false } ? _rendered : _rendered = RenderAsync();
        }
    }

    private async Task<Rendered> RenderAsync()
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        var json = Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
        return new Rendered(json, new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(json).AsSpan(0, 12))}\"").ToString());
    }

    /// <param name="Json">UTF-8.</param>
    /// <param name="EntityTag">Its <c>ETag</c>.</param>
    public sealed record Rendered(byte[] Json, string EntityTag);
}
