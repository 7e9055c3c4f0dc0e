using ValidonX.Portal.Customers;
using ValidonX.Portal.Session;

namespace ValidonX.Portal.Gateway;

/// <summary>Files that the API makes, passed on as they come.</summary>
internal static class Downloads
{
    /// <summary>Maps them.</summary>
    public static void MapDownloads(this WebApplication app)
    {
        var files = app.MapGroup("/download");
        Add(files, "/operations/audit.ndjson", "/v1/admin/audit-logs/export", Who.Operators);
        Add(files, "/audit.ndjson", "/v1/tenant/audit-logs/export", Who.Vendors);
        Add(files, "/account.json", "/v1/account/export", Who.Vendors);
        Add(files, "/licenses.csv", "/v1/tenant/licenses/export", Who.Vendors);
        app.MapGet("/branding/logo", (HttpContext context, GatewayApi gateway) => gateway.PassOnAsync(context, "/v1/tenant/branding/logo")).RequireAuthorization(Who.Vendors);
        AddPage(app, "/billing/invoices/{id:guid}", id => $"/v1/billing/invoices/{id}/html", Who.Vendors);
        AddPage(app, "/operations/invoices/{id:guid}", id => $"/v1/admin/invoices/{id}/html", Who.Operators);
    }

    private static void Add(RouteGroupBuilder files, string name, string path, string kind) => files.MapGet(name, async (HttpContext context, GatewayApi gateway) =>
    {
        using var answer = await gateway.DownloadAsync(path + context.Request.QueryString, context.RequestAborted);
        if (!answer.IsSuccessStatusCode)
        {
            context.Response.StatusCode = (int)answer.StatusCode;
            return;
        }

        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{Path.GetFileName(name)}\"";
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }).RequireAuthorization(kind);

    /// <summary>A page that the API makes, to read and to print; with its own policy, which is stricter than ours and knows its style.</summary>
    private static void AddPage(WebApplication app, string name, Func<Guid, string> path, string kind) => app.MapGet(name, async (Guid id, HttpContext context, GatewayApi gateway) =>
    {
        using var answer = await gateway.DownloadAsync(path(id), context.RequestAborted);
        if (!answer.IsSuccessStatusCode || !answer.Headers.TryGetValues("Content-Security-Policy", out var policy))
        {
            context.Response.StatusCode = answer.IsSuccessStatusCode ? StatusCodes.Status502BadGateway : (int)answer.StatusCode;
            return;
        }

        context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
        context.Response.Headers.ContentSecurityPolicy = string.Join(';', policy);
        context.Response.Headers.CacheControl = "private, no-store";
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }).RequireAuthorization(kind);
}
