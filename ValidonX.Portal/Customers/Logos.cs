using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Customers;

/// <summary>Logos, passed on as images and nothing else: they run nothing, load nothing, and are never taken for a page.</summary>
internal static class Logos
{
    private static readonly HashSet<string> Images = new(StringComparer.Ordinal) { "image/png", "image/jpeg", "image/webp" };

    /// <summary>Gives the logo that the API has at a path; 404 where there is none.</summary>
    public static async Task PassOnAsync(this GatewayApi gateway, HttpContext context, string path)
    {
        using var answer = await gateway.DownloadAsync(path, context.RequestAborted);
        if (!answer.IsSuccessStatusCode || answer.Content.Headers.ContentType?.MediaType is not { } type || !Images.Contains(type))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = type;
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        context.Response.Headers.CacheControl = "private, max-age=300";
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
