using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Diagnostics;

namespace ValidonX.Portal;

/// <summary>
/// Who presses a button twice, or one of a page that is no longer as it was, sends a form that the page does not have any more: what is suspended has no button to suspend it. They
/// are shown the page as it is now, not an error.
/// </summary>
internal static class FormsSentTwice
{
    /// <summary>Adds it; a form without the page's own token is refused as ever.</summary>
    public static IApplicationBuilder UseFormsSentTwice(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (!HttpMethods.IsPost(context.Request.Method) || context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is null || context.Features.Get<IStatusCodeReExecuteFeature>() is not null)
        {
            await next(context);
            return;
        }

        var here = $"{context.Request.PathBase}{context.Request.Path}{context.Request.QueryString}";
        // In development something is written about it, which begins the response.
        context.Response.OnStarting(() =>
        {
            LeadTo(context, here);
            return Task.CompletedTask;
        });
        await next(context);
        LeadTo(context, here);
    });

    private static void LeadTo(HttpContext context, string here)
    {
        if (!context.Response.HasStarted && context.Response.StatusCode == StatusCodes.Status400BadRequest && context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: true })
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = here;
        }
    }
}
