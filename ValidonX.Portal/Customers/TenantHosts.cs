using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Diagnostics;
using ValidonX.Portal.Session;
using ValidonX.ServiceDefaults.Health;

namespace ValidonX.Portal.Customers;

/// <summary>
/// Keeps the two apart that one portal shows: at a tenant's host there are the pages for its customers and nothing else, and at the portal's own hosts there are none of them. Nobody is
/// signed in as a vendor or operator at a tenant's host, whatever cookies come.
/// </summary>
internal static class TenantHosts
{
    /// <summary>Where customers' pages begin.</summary>
    public const string Start = "/my-license";

    private const string Scheme = "customer";
    private const string TokenClaim = "vx:customer-token";
    private const string HostClaim = "vx:customer-host";

    private static readonly HashSet<string> CustomersPaths = new(StringComparer.Ordinal) { Start, $"{Start}/devices", $"{Start}/leave", $"{Start}/look.css", $"{Start}/logo" };
    private static readonly HashSet<string> ErrorPaths = new(StringComparer.Ordinal) { "/nothing-here", "/problem" };

    /// <summary>Adds what they need.</summary>
    public static void AddTenantHosts(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<HostOptions>().BindConfiguration("Portal");
        builder.Services.AddSingleton<TenantSites>();
        builder.Services.AddAuthentication().AddCookie(Scheme, options => options.AreFor("validonx-customer", TimeSpan.FromMinutes(30), builder.Environment));
    }

    /// <summary>Tells each request whose host it came by, and ends those that have no page there.</summary>
    public static IApplicationBuilder UseTenantHosts(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var path = context.Request.Path.Value ?? "/";
        if (path is HealthPaths.Ready or HealthPaths.Alive)
        {
            // Whoever watches the portal may know it by any name.
            await next(context);
            return;
        }

        var sites = context.RequestServices.GetRequiredService<TenantSites>();
        var (isKnown, site) = await sites.FindAsync(context.Request.Host.Host.TrimEnd('.').ToLowerInvariant(), context.Connection.RemoteIpAddress, context.RequestAborted);
        if (!isKnown)
        {
            // Whose pages these are is not known, so none are shown.
            context.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("This page cannot be shown at the moment. Try again in a moment.");
        }
        else if (site is null)
        {
            if (path.StartsWith(Start, StringComparison.OrdinalIgnoreCase))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }

            await next(context);
        }
        else
        {
            // Not the one that is remembered: who is let in is this request's alone.
            site = site with { Token = await TokenAsync(context, site) };
            context.User = new ClaimsPrincipal(new ClaimsIdentity());
            context.Features.Set(site);
            await ShowAsync(context, site, path, next);
        }
    });

    /// <summary>Whoever is let in from now on, at this host.</summary>
    public static Task LetInAsync(this HttpContext context, TenantSite site, string token) =>
        context.SignInAsync(Scheme, new ClaimsPrincipal(new ClaimsIdentity([new(TokenClaim, token), new(HostClaim, site.Host)], Scheme)));

    /// <summary>Nobody is let in any more.</summary>
    public static Task LetOutAsync(this HttpContext context) => context.SignOutAsync(Scheme);

    private static async Task ShowAsync(HttpContext context, TenantSite site, string path, RequestDelegate next)
    {
        var isErrorPage = ErrorPaths.Contains(path) && (context.Features.Get<IStatusCodeReExecuteFeature>() is not null || context.Features.Get<IExceptionHandlerFeature>() is not null);
        if (isErrorPage || IsAsset(path) || path == $"{Start}/look.css" || (site.Look is not null && CustomersPaths.Contains(path)))
        {
            await next(context);
        }
        else if (path == "/" && site.Look is not null)
        {
            context.Response.Redirect(Start);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    /// <summary>The portal's own files: one segment with an ending, the framework's script, or the component library's.</summary>
    private static bool IsAsset(string path) =>
        path.StartsWith("/_framework/", StringComparison.Ordinal)
        || path.StartsWith("/_content/MudBlazor/", StringComparison.Ordinal)
        || (path.LastIndexOf('/') == 0 && (path.EndsWith(".css", StringComparison.Ordinal) || path.EndsWith(".js", StringComparison.Ordinal) || path.EndsWith(".svg", StringComparison.Ordinal)));

    private static async Task<string?> TokenAsync(HttpContext context, TenantSite site) =>
        await context.AuthenticateAsync(Scheme) is { Succeeded: true, Principal: { } customer } && customer.FindFirstValue(HostClaim) == site.Host
            ? customer.FindFirstValue(TokenClaim)
            : null;
}
