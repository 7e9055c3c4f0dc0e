using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Products;

/// <summary>Products under <c>/v1/tenant/products</c>.</summary>
internal static class ProductEndpoints
{
    private const int MaximumCodeLength = 64;
    private const int MaximumPrefixLength = 16;

    public static void MapProducts(this RouteGroupBuilder tenant)
    {
        var products = tenant.MapGroup("/products");
        var writing = CallerRequirement.User(TenantRole.Developer);
        products.MapGet("/", ListAsync);
        products.MapGet("/{id}", GetAsync);
        products.MapPost("/", CreateAsync).For(writing);
        products.MapDelete("/{id}", DeleteAsync).For(writing);
    }

    private static async Task<IResult> ListAsync(HttpContext context, ProductStore products)
    {
        var (items, nextCursor) = await products.ListAsync(context.GetCaller().Placement, PageRequest.From(context), context.RequestAborted);
        return ApiResult.Page<IReadOnlyList<ShownProduct>>([.. items.Select(product => product.Show())], LicensingJson.Default.IReadOnlyListShownProduct, nextCursor);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, ProductStore products) =>
        Guid.TryParseExact(id, "D", out var known) && await products.FindAsync(context.GetCaller().Placement, known, context.RequestAborted) is { } product
            ? ApiResult.Ok(new ProductAnswer(product.Show()), LicensingJson.Default.ProductAnswer)
            : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static async Task<IResult> CreateAsync(HttpContext context, ProductStore products)
    {
        var body = await RequestBody.ReadAsync(context);
        var code = Code(body, "code", body.RequiredText("code", MaximumCodeLength));
        var name = body.RequiredText("name", 120);
        var prefix = Code(body, "key_prefix", body.OptionalText("key_prefix", MaximumPrefixLength));
        var metadata = body.OpaqueObject("metadata", ActivationEndpoints.MaximumMetadataBytes);
        body.ThrowIfInvalid();

        var placement = context.GetCaller().Placement;
        return await products.CreateAsync(
            placement,
            code!,
            name,
            prefix,
            metadata,
            context.Change<Product>(
                "product.created", placement.TenantId, product => ApiResult.Created(new ProductAnswer(product.Show()), LicensingJson.Default.ProductAnswer)));
    }

    private static async Task<IResult> DeleteAsync(HttpContext context, string id, ProductStore products)
    {
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.ResourceNotFound);
        }

        var placement = context.GetCaller().Placement;
        return await products.DeleteAsync(
            placement,
            known,
            context.Change<DeletedAnswer>("product.deleted", placement.TenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));
    }

    private static string? Code(RequestBody body, string field, string? text)
    {
        if (text is { Length: > 0 } && !Entitlement.IsCode(text))
        {
            body.Fail(field, "Must only have A-Z a-z 0-9 . _ -");
        }

        return text;
    }
}
