using System.Text.RegularExpressions;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.RateLimits;
using ValidonX.LicensingApi.Tokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>Tenants under <c>/v1/admin/tenants</c> (CONTRACT §6.1).</summary>
internal static partial class TenantEndpoints
{
    private const string DefaultRegion = "local";
    private static readonly string[] Statuses = [TenantStatus.Provisioning, TenantStatus.Active, TenantStatus.Suspended, TenantStatus.Closed];

    public static void MapTenants(this RouteGroupBuilder admin)
    {
        var tenants = admin.MapGroup("/tenants");
        tenants.MapGet("/", ListAsync);
        tenants.MapPost("/", CreateAsync);

        var tenant = tenants.MapGroup("/{id}");
        tenant.MapGet("/", GetAsync);
        tenant.MapPatch("/", UpdateAsync);
        tenant.MapPost("/provision", ProvisionAsync);
        tenant.MapPost("/suspend", (HttpContext context, string id, ChangeTenant change) => ChangeAsync(context, id, "tenant.suspended", change.SuspendAsync));
        tenant.MapPost("/reactivate", (HttpContext context, string id, ChangeTenant change) => ChangeAsync(context, id, "tenant.reactivated", change.ReactivateAsync));
        tenant.MapPost("/close", (HttpContext context, string id, ChangeTenant change) => ChangeAsync(context, id, "tenant.closed", change.CloseAsync));
        tenant.MapPost("/flush-caches", (HttpContext context, string id, ChangeTenant change) =>
            ChangeAsync(context, id, "tenant.caches_flushed", (known, request) => change.UpdateAsync(known, tenant => tenant, request)));
        tenant.MapPost("/api-key/reveal", RevealAsync).NeverReplay();
        tenant.MapPost("/api-key/reissue", ReissueAsync);
        tenant.MapTokensOfMembers();
        tenant.MapRateLimits();
    }

    private static async Task<IResult> ListAsync(HttpContext context, TenantQueries tenants)
    {
        var page = PageRequest.From(context);
        var query = new QueryFilters(context.Request.Query);
        var filter = new TenantFilter(query.Choice("status", Statuses), query.Text("plan", 32), query.Text("search", 128));
        query.ThrowIfInvalid();
        var (items, nextCursor) = await tenants.ListAsync(filter, page, context.RequestAborted);
        return ApiResult.Page<IReadOnlyList<ShownTenant>>([.. items.Select(ShownTenant.Of)], LicensingJson.Default.IReadOnlyListShownTenant, nextCursor);
    }

    private static async Task<IResult> GetAsync(HttpContext context, string id, TenantQueries tenants) =>
        Guid.TryParseExact(id, "D", out var known) && await tenants.FindAsync(known, context.RequestAborted) is { } tenant
            ? ApiResult.Ok(tenant, LicensingJson.Default.TenantWithRun)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> CreateAsync(HttpContext context, CreateTenant create, PlanCatalog catalog)
    {
        var body = await RequestBody.ReadAsync(context);
        var name = body.RequiredText("name", 120);
        var slug = Slug(body, name);
        var plans = await catalog.ReadAsync(context.RequestAborted);
        var plan = body.Choice("plan", plans.All, plans.Default ?? "");
        if (plan.Length == 0)
        {
            body.Fail("plan", "Is required.");
        }

        var region = body.OptionalText("region", 64) ?? DefaultRegion;
        if (!NamePattern.IsMatch(region))
        {
            body.Fail("region", "Must only have a-z 0-9 and hyphens.");
        }

        EmailAddress ownerEmail = default;
        var ownerName = name;
        body.Nested("owner", owner =>
        {
            ownerEmail = owner.RequiredEmail("email");
            ownerName = owner.OptionalText("name", 120) ?? name;
        });
        if (!body.Has("owner"))
        {
            body.Fail("owner.email", "Is required.");
        }

        body.ThrowIfInvalid();
        return await create.ExecuteAsync(
            new NewTenant(name, slug, plan, region, ownerEmail, ownerName),
            context.Change<TenantWithRun>("tenant.created", null, WithRun));
    }

    private static async Task<IResult> UpdateAsync(HttpContext context, string id, ChangeTenant change)
    {
        var body = await RequestBody.ReadAsync(context);
        var name = body.OptionalText("name", 120);
        var cluster = body.OptionalText("cluster", 64);
        if (cluster is not null && !NamePattern.IsMatch(cluster))
        {
            body.Fail("cluster", "Must only have a-z 0-9 and hyphens.");
        }

        // A cluster that is there and null takes the tenant's own away.
        var setsCluster = body.Names("cluster");
        body.ThrowIfInvalid();
        return await ChangeAsync(context, id, "tenant.updated", (known, request) => change.UpdateAsync(
            known,
            tenant => tenant with { Name = name ?? tenant.Name, Cluster = setsCluster ? cluster : tenant.Cluster },
            request));
    }

    private static async Task<IResult> ProvisionAsync(HttpContext context, string id, ChangeTenant change) =>
        Guid.TryParseExact(id, "D", out var known)
            ? await change.ProvisionAsync(known, context.Change<TenantWithRun>("tenant.provisioning_retried", known, WithRun))
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> RevealAsync(HttpContext context, string id, RevealFirstKey reveal)
    {
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.TenantNotFound);
        }

        return await reveal.ExecuteAsync(
            known,
            context.Change<RevealedCredentials>("api_key.revealed", known, revealed => ApiResult.Ok(revealed, LicensingJson.Default.RevealedCredentials)));
    }

    private static async Task<IResult> ReissueAsync(HttpContext context, string id, ReissueFirstKey reissue)
    {
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.TenantNotFound);
        }

        return await reissue.ExecuteAsync(
            known,
            context.Change<RevealedCredentials>("api_key.reissued", known, reissued => ApiResult.Created(reissued, LicensingJson.Default.RevealedCredentials)));
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext context, string id, string action, Func<Guid, ChangeRequest<Tenant>, Task<IResult>> change)
    {
        if (!Guid.TryParseExact(id, "D", out var known))
        {
            return ApiResult.Error(ApiErrors.TenantNotFound);
        }

        return await change(
            known, context.Change<Tenant>(action, known, tenant => ApiResult.Ok(new TenantAnswer(ShownTenant.Of(tenant)), LicensingJson.Default.TenantAnswer)));
    }

    private static IApiResult WithRun(TenantWithRun shown) => ApiResult.Accepted(shown, LicensingJson.Default.TenantWithRun, Location(shown.Tenant.Id));

    private static TenantSlug Slug(RequestBody body, string name)
    {
        var text = body.OptionalText("slug", TenantSlug.MaximumLength, TenantSlug.MinimumLength);
        if (text is null)
        {
            return TenantSlug.FromName(name);
        }

        if (!TenantSlug.TryParse(text, out var slug))
        {
            body.Fail("slug", "Must have 3 to 40 characters of a-z 0-9 and hyphens, and not begin or end with a hyphen.");
        }

        return slug;
    }

    private static string Location(Guid id) => $"/v1/admin/tenants/{id}";

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern { get; }
}
