using System.Text;
using Scalar.AspNetCore;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary><c>/openapi/v1.json</c>, and <c>/docs</c>, the explorer that shows it and calls the API with the reader's own key.</summary>
internal static class ApiDocumentEndpoints
{
    private const string Script = "scalar.js";
    private const string Start = "start.js";

    /// <summary>No other host is asked for anything, and no script runs but the two that are served here.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly byte[] Page = Encoding.UTF8.GetBytes(
        $"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <title>ValidonX API</title>
          <link rel="icon" href="data:,">
        </head>
        <body>
          <noscript>This page needs JavaScript. The document that it shows is at <a href="/openapi/v1.json">/openapi/v1.json</a>.</noscript>
          <div id="api"></div>
          <script src="/docs/{Script}"></script>
          <script src="/docs/{Start}"></script>
        </body>
        </html>
        """);

    private static readonly byte[] StartScript = Encoding.UTF8.GetBytes(
        """
        Scalar.createApiReference('#api', {
          url: '/openapi/v1.json',
          theme: 'default',
          withDefaultFonts: false,
          telemetry: false,
          hideClientButton: true,
          showDeveloperTools: 'never',
          agent: { disabled: true },
          mcp: { disabled: true },
          persistAuth: false,
          defaultOpenAllTags: false,
        });
        """);

    private static readonly Lazy<byte[]> ScalarScript = new(ReadScalar);

    public static void MapApiDocument(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/openapi/v1.json", WriteDocumentAsync).WithTags("API").Is("getOpenApi", "This document.", Answers.File("application/json"));
        routes.MapGet("/docs", context => WritePageAsync(context, "text/html; charset=utf-8", Page)).ExcludeFromDescription();
        routes.MapGet($"/docs/{Script}", WriteScalarAsync).ExcludeFromDescription();
        routes.MapGet($"/docs/{Start}", context => WritePageAsync(context, "text/javascript; charset=utf-8", StartScript)).ExcludeFromDescription();
    }

    private static async Task WriteDocumentAsync(HttpContext context, ApiDocument document)
    {
        var (json, entityTag) = await document.ReadAsync();
        var headers = context.Response.Headers;
        headers.ETag = entityTag;
        headers.CacheControl = "public, max-age=60";
        headers.AccessControlAllowOrigin = "*";
        if (context.Request.Headers.IfNoneMatch == entityTag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await WriteAsync(context, "application/json; charset=utf-8", json);
    }

    private static Task WritePageAsync(HttpContext context, string contentType, byte[] content)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "public, max-age=3600";
        return WriteAsync(context, contentType, content);
    }

    private static async Task WriteAsync(HttpContext context, string contentType, byte[] content)
    {
        Envelope.SetHeaders(context);
        context.Response.ContentType = contentType;
        context.Response.ContentLength = content.Length;
        await context.Response.Body.WriteAsync(content, context.RequestAborted);
    }

    private static Task WriteScalarAsync(HttpContext context)
    {
        // It comes compressed. Who does not take it so is no browser.
        context.Response.Headers.ContentEncoding = "gzip";
        return WritePageAsync(context, "text/javascript; charset=utf-8", ScalarScript.Value);
    }

    private static byte[] ReadScalar()
    {
        using var stream = typeof(ScalarOptions).Assembly.GetManifestResourceStream($"ScalarStaticAssets.{Script}")
            ?? throw new InvalidOperationException("This version of Scalar keeps its script elsewhere.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
