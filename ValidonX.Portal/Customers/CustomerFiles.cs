using Microsoft.AspNetCore.Antiforgery;
using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Customers;

/// <summary>What customers' pages are made of besides pages: the tenant's look, its logo, and the way out.</summary>
internal static class CustomerFiles
{
    private static readonly HashSet<string> Images = new(StringComparer.Ordinal) { "image/png", "image/jpeg", "image/webp" };

    /// <summary>Maps them.</summary>
    public static void MapCustomerFiles(this WebApplication app)
    {
        app.MapGet($"{TenantHosts.Start}/look.css", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "private, no-cache";
            return Results.Text(Look.StyleSheet(TenantSite.Of(context)?.Look), "text/css; charset=utf-8");
        });
        app.MapGet($"{TenantHosts.Start}/logo", LogoAsync);
        app.MapPost($"{TenantHosts.Start}/leave", async (HttpContext context, GatewayApi gateway, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.BadRequest();
            }

            await gateway.DeleteAsync<object>("/v1/customer/sessions");
            await context.LetOutAsync();
            return Results.LocalRedirect(TenantHosts.Start);
        });
    }

    private static async Task LogoAsync(HttpContext context, GatewayApi gateway)
    {
        using var answer = await gateway.DownloadAsync("/v1/customer/logo", context.RequestAborted);
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
