using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Products;

/// <summary>Products under <c>/v1/tenant/products</c>.</summary>
internal static class ProductEndpoints
{
    public static void MapProducts(this RouteGroupBuilder tenant)
    {
        var products = tenant.MapGroup("/products").WithTags("Products");
        products.MapGet("/", ListAsync).Is("listProducts", "Lists products, newest first.", Answers.Page<ShownProduct>());
        products.MapGet("/{id}", GetAsync).Is("getProduct", "Shows a product.", Answers.Ok<ProductAnswer>(), ApiErrors.ResourceNotFound);
        products.MapPost("/", CreateAsync).For(Permissions.WriteProducts).Is(
            "createProduct",
            "Makes a product.",
            Answers.Created<ProductAnswer>(),
            ApiErrors.Conflict("A product with this code exists already."),
            ApiErrors.EntitlementLimitExceeded("products.max", 5, 5));
        products.MapDelete("/{id}", DeleteAsync).For(Permissions.WriteProducts).Is(
            "deleteProduct",
            "Deletes a product that no license is of.",
            Answers.Ok<DeletedAnswer>(),
            ApiErrors.ResourceNotFound,
            ApiErrors.Conflict("The product still has licenses."));
        products.MapGet("/{id}/policy", GetPolicyAsync).TagsAnswers().Is("getProductPolicy", "Shows the rules of a product's licenses.", Answers.Ok<PolicyAnswer>(), ApiErrors.ResourceNotFound);
        products.MapPut("/{id}/policy", ReplacePolicyAsync).For(Permissions.WriteProducts).MayMatch().Is(
            new Operation("replaceProductPolicy", "Replaces the rules of a product's licenses.", [Answers.Ok<PolicyAnswer>()])
            {
                Description = "They hold for all of its licenses, those that there are, too, except where a license has a rule of its own; everywhere before the call returns. An expiry that a license "
                    + "has already stays. What is absent or null is as the platform has it. With `If-Match`, which takes the `ETag` of the policy as it was seen, nobody undoes what somebody else has changed "
                    + "meanwhile.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    private static async Task<IResult> ListAsync(Caller caller, Query<ListQuery> query, ProductStore products, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await products.ListAsync(caller.Placement, query.Value.Page(), cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownProduct>>([.. items.Select(product => product.Show())], LicensingJson.Default.IReadOnlyListShownProduct, nextCursor);
    }

    private static async Task<IResult> GetAsync(PathId id, Caller caller, ProductStore products, CancellationToken cancellationToken) =>
        await products.FindAsync(caller.Placement, id, cancellationToken) is { } product
            ? ApiResult.Ok(new ProductAnswer(product.Show()), LicensingJson.Default.ProductAnswer)
            : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static async Task<IResult> GetPolicyAsync(PathId id, Caller caller, ProductStore products, CancellationToken cancellationToken) =>
        await products.FindAsync(caller.Placement, id, cancellationToken) is { } product ? product.Policy.Answer() : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> ReplacePolicyAsync(HttpContext context, PathId id, Caller caller, IfMatch seen, Body<Policy> body, ProductStore products) =>
        products.ReplacePolicyAsync(
            caller.Placement, id, body.Value, seen, context.Change<Product>("product.policy_changed", caller.Placement.TenantId, product => product.Policy.Answer()));

    private static Task<IResult> CreateAsync(HttpContext context, Caller caller, Body<NewProduct> body, ProductStore products) =>
        products.CreateAsync(
            caller.Placement,
            body.Value,
            context.Change<Product>(
                "product.created", caller.Placement.TenantId, product => ApiResult.Created(new ProductAnswer(product.Show()), LicensingJson.Default.ProductAnswer)));

    private static Task<IResult> DeleteAsync(HttpContext context, PathId id, Caller caller, ProductStore products) =>
        products.DeleteAsync(
            caller.Placement,
            id,
            context.Change<DeletedAnswer>("product.deleted", caller.Placement.TenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));
}

/// <summary>What a vendor wants to sell licenses of.</summary>
internal sealed record NewProduct : IRequest
{
    /// <summary>The vendor's own short name for it, unique.</summary>
    [Code(64)]
    [Example("editor")]
    public required string Code { get; init; }

    /// <summary>Its name.</summary>
    [Text(120)]
    [Example("ACME Editor")]
    public required string Name { get; init; }

    /// <summary>What generated license keys begin with.</summary>
    [Code(16)]
    [Example("ACME")]
    public string? KeyPrefix { get; init; }

    /// <summary>Whatever the vendor wants to keep with it.</summary>
    [Opaque(ActivationRequest.MaximumMetadataBytes)]
    [Example("""{"sku": "42"}""")]
    public RawJson Metadata { get; init; } = RawJson.EmptyObject;
}
