using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Branding;

/// <summary>A tenant's branding under <c>/v1/tenant/branding</c> (CONTRACT §6).</summary>
internal static class BrandingEndpoints
{
    private static readonly ApiError BadLogo = ApiErrors.ValidationFailed(
        "logo", $"Must be a whole PNG, JPEG or WebP image of {LogoImage.Least} to {LogoImage.Most} pixels a side. SVG is not taken.");

    public static void MapBranding(this RouteGroupBuilder tenant)
    {
        var branding = tenant.MapGroup("/branding").WithTags("Branding");
        branding.MapGet("/", GetAsync).TagsAnswers().Is("getBranding", "Shows how the tenant's pages look.", Answers.Ok<TenantBranding>());
        branding.MapPut("/", PutAsync).For(Permissions.WriteSettings).Is(
            new Operation("replaceBranding", "Says how the tenant's pages are to look.", [Answers.Ok<TenantBranding>()])
            {
                Description = "All of it but the logo; what is absent becomes neutral. `If-Match` takes the `ETag` of the branding as it was seen. Custom CSS is parsed and written anew; whatever "
                    + "else than the look of things it would change is refused.",
            });
        branding.MapGet("/logo", GetLogoAsync).Is("getLogo", "Gives the tenant's logo.", Answers.File("image/*"), ApiErrors.ResourceNotFound);
        branding.MapPut("/logo", PutLogoAsync).For(Permissions.WriteSettings)
            .WithMetadata(new Microsoft.AspNetCore.Http.Metadata.AcceptsMetadata(["*/*"], typeof(Stream)))
            .Is(new Operation("replaceLogo", "Puts another logo in the place of the one that is there.", [Answers.Ok<TenantBranding>()])
            {
                Description = $"The body is the image itself, at most {LogoImage.MaximumBytes / 1024} KiB. What it is its bytes say, whatever `Content-Type` does.",
                Errors = [BadLogo],
            });
        branding.MapDelete("/logo", (HttpContext context, Caller caller, BrandingStore store) => store.DeleteLogoAsync(caller.Placement, Name(caller), Change(context, caller, "branding.logo_deleted")))
            .For(Permissions.WriteSettings)
            .Is("deleteLogo", "Takes the tenant's logo away.", Answers.Ok<TenantBranding>());
    }

    private static async Task<IResult> GetAsync(Caller caller, BrandingStore store, CancellationToken cancellationToken) =>
        Show(await store.FindAsync(caller.Placement, Name(caller), cancellationToken));

    private static Task<IResult> PutAsync(HttpContext context, Caller caller, IfMatch seen, Body<BrandingRequest> body, BrandingStore store) =>
        store.ReplaceAsync(caller.Placement, Name(caller), body.Value, seen, Change(context, caller, "branding.changed"));

    private static async Task<IResult> PutLogoAsync(HttpContext context, Caller caller, BrandingStore store) =>
        await ReadAsync(context) is not { } file ? ApiResult.Error(ApiErrors.RequestTooLarge)
        : LogoImage.Of(file) is not { Fits: true } image ? ApiResult.Error(BadLogo)
        : await store.ReplaceLogoAsync(caller.Placement, Name(caller), image, file, Change(context, caller, "branding.logo_changed"));

    /// <summary>The body, or <see langword="null"/> when it is larger than a logo may be.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var file = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (file.Length + read > LogoImage.MaximumBytes)
            {
                return null;
            }

            file.Write(buffer, 0, read);
        }

        return file.ToArray();
    }

    /// <summary>Gives the logo.</summary>
    public static async Task GetLogoAsync(HttpContext context, Caller caller, BrandingStore store, CancellationToken cancellationToken)
    {
        if (await store.FindLogoAsync(caller.Placement, cancellationToken) is not { } logo)
        {
            await ApiResult.Error(ApiErrors.ResourceNotFound).ExecuteAsync(context);
            return;
        }

        // Whatever it may be for somebody's viewer: here it is this type of image and nothing else, it runs nothing and loads nothing.
        Envelope.SetHeaders(context);
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        headers.ContentDisposition = "inline; filename=\"logo\"";
        headers.CacheControl = "private, no-cache";
        headers.ETag = $"\"{logo.Logo.Sha256[..30]}\"";
        if (context.Request.Headers.IfNoneMatch == headers.ETag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = logo.Logo.MediaType;
        context.Response.ContentLength = logo.File.Length;
        await context.Response.Body.WriteAsync(logo.File, cancellationToken);
    }

    /// <summary>What a tenant without a name of its own is called.</summary>
    public static string Name(Caller caller) => caller.Context.TenantSlug ?? "";

    private static ChangeRequest<TaggedBranding> Change(HttpContext context, Caller caller, string action) => context.Change<TaggedBranding>(action, caller.Placement.TenantId, Show);

    /// <summary>The answer that shows it.</summary>
    public static IApiResult Show(TaggedBranding tagged) => ApiResult.Ok(tagged.Branding, LicensingJson.Default.TenantBranding).Tagged(tagged.Tag);
}
