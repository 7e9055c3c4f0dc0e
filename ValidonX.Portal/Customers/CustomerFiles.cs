using Microsoft.AspNetCore.Antiforgery;
using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Customers;

/// <summary>What customers' pages are made of besides pages: the tenant's look, its logo, and the way out.</summary>
internal static class CustomerFiles
{
    /// <summary>Maps them.</summary>
    public static void MapCustomerFiles(this WebApplication app)
    {
        app.MapGet($"{TenantHosts.Start}/look.css", (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "private, no-cache";
            return Results.Text(Look.StyleSheet(TenantSite.Of(context)?.Look), "text/css; charset=utf-8");
        });
        app.MapGet($"{TenantHosts.Start}/logo", (HttpContext context, GatewayApi gateway) => gateway.PassOnAsync(context, "/v1/customer/logo"));
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
}
