using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Licences in the Integration API (CONTRACT §3) and under <c>/v1/tenant/licenses</c> (§6.1).</summary>
internal static class LicenseEndpoints
{
    private const int MaximumGraceDays = 3_650;

    public static void MapLicenseValidation(this RouteGroupBuilder integration) =>
        integration.MapPost(
            $"/licenses/{{{LicenseKeyText.RouteParameter}}}/validate",
            integration.Handler<ValidateLicense>(handler => handler.HandleAsync));

    public static void MapLicenses(this RouteGroupBuilder tenant)
    {
        var licenses = tenant.MapGroup("/licenses");
        var writing = CallerRequirement.User(TenantRole.Developer);
        licenses.MapGet("/", ListAsync);
        licenses.MapGet("/{id}", GetAsync);
        licenses.MapPost("/", CreateAsync).For(writing);
        licenses.MapPost("/{id}/suspend", (HttpContext context, string id, ChangeLicense change) =>
            ChangeAsync(context, id, "license.suspended", change.SuspendAsync)).For(writing);
        licenses.MapPost("/{id}/reinstate", (HttpContext context, string id, ChangeLicense change) =>
            ChangeAsync(context, id, "license.reinstated", change.ReinstateAsync)).For(writing);
        licenses.MapPost("/{id}/revoke", (HttpContext context, string id, ChangeLicense change) =>
            ChangeAsync(context, id, "license.revoked", change.RevokeAsync)).For(writing);
        licenses.MapPost("/{id}/renew", RenewAsync).For(writing);
    }

    private static async Task<IResult> ListAsync(HttpContext context, LicenseQueries licenses)
    {
        var page = PageRequest.From(context);
        var query = new QueryFilters(context.Request.Query);
        var filter = new LicenseFilter(query.Choice("status", ShownLicenseStatus.All), query.Id("product_id"), query.Text("search", 128));
        query.ThrowIfInvalid();
        var (items, nextCursor) = await licenses.ListAsync(context.GetCaller().Placement, filter, page, context.RequestAborted);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListLicenseDetails, nextCursor);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, LicenseQueries licenses) =>
        Guid.TryParseExact(id, "D", out var known) && await licenses.FindAsync(context.GetCaller().Placement, known, context.RequestAborted) is { } license
            ? ApiResult.Ok(new LicenseAnswer(license), LicensingJson.Default.LicenseAnswer)
            : ApiResult.Error(ApiErrors.LicenseNotFound);

    private static async Task<IResult> CreateAsync(HttpContext context, CreateLicense create)
    {
        var body = await RequestBody.ReadAsync(context);
        string? customerName = null;
        string? customerEmail = null;
        body.Nested("customer", customer =>
        {
            customerName = customer.OptionalText("name", 120);
            customerEmail = customer.OptionalContact("email");
        });
        var request = new NewLicense
        {
            Key = OwnKey(body),
            Type = StoredEnum.Parse<LicenseType>(body.Choice("type", StoredEnum.All<LicenseType>(), LicenseType.Perpetual.Word())),
            ProductId = body.OptionalId("product_id"),
            ExpiresAt = body.OptionalTime("expires_at"),
            GraceDays = (int)(body.OptionalInteger("grace_days", 0, MaximumGraceDays) ?? 0),
            CustomerName = customerName,
            CustomerEmail = customerEmail,
            Metadata = body.OpaqueObject("metadata", ActivationEndpoints.MaximumMetadataBytes),
            Entitlements = EntitlementInput.Read(body),
        };
        body.ThrowIfInvalid();

        var placement = context.GetCaller().Placement;
        return await create.ExecuteAsync(
            placement,
            request,
            context.Change<LicenseDetails>(
                "license.created", placement.TenantId, license => ApiResult.Created(new LicenseAnswer(license), LicensingJson.Default.LicenseAnswer)));
    }

    private static async Task<IResult> RenewAsync(HttpContext context, string id, ChangeLicense change, TimeProvider time)
    {
        var body = await RequestBody.ReadAsync(context);
        var expiresAt = body.OptionalTime("expires_at");
        if (!body.Has("expires_at"))
        {
            body.Fail("expires_at", "Is required.");
        }
        else if (expiresAt <= time.GetUtcNow())
        {
            body.Fail("expires_at", "Must lie in the future.");
        }

        body.ThrowIfInvalid();
        return await ChangeAsync(
            context,
            id,
            "license.renewed",
            (placement, known, request) => change.RenewAsync(placement, known, expiresAt!.Value, request));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context,
        string id,
        string action,
        Func<TenantPlacement, Guid, ChangeRequest<LicenseDetails>, Task<IResult>> change)
    {
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.LicenseNotFound);
        }

        var placement = context.GetCaller().Placement;
        return await change(
            placement,
            known,
            context.Change<LicenseDetails>(action, placement.TenantId, license => ApiResult.Ok(new LicenseAnswer(license), LicensingJson.Default.LicenseAnswer)));
    }

    private static string? OwnKey(RequestBody body)
    {
        var key = body.OptionalText("key", LicenseKeyText.MaximumLength, LicenseKeyText.MinimumLength);
        if (key is not null && !LicenseKeyText.IsWellFormed(key))
        {
            body.Fail("key", "Must have 6 to 128 visible ASCII characters.");
        }

        return key;
    }
}
