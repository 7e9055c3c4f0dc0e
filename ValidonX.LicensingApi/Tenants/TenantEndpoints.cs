using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.DatabaseSizes;
using ValidonX.LicensingApi.Domains;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Members;
using ValidonX.LicensingApi.Onboarding;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.RateLimits;
using ValidonX.LicensingApi.SlowQueries;
using ValidonX.LicensingApi.Tokens;
using ValidonX.Platform.Api;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Tenants;

/// <summary>Tenants under <c>/v1/admin/tenants</c> (CONTRACT §6.1).</summary>
internal static class TenantEndpoints
{
    private static readonly ApiError WrongState = ApiErrors.Conflict("The tenant's state does not allow this.");

    public static void MapTenants(this RouteGroupBuilder admin)
    {
        var tenants = admin.MapGroup("/tenants").WithTags("Tenants");
        tenants.MapGet("/", ListAsync).Is("listTenants", "Lists tenants, newest first.", Answers.Page<ShownTenant>());
        tenants.MapPost("/", CreateAsync).Is(
            new Operation("createTenant", "Signs a tenant up and begins to provision it.", [Answers.AcceptedAt<TenantWithRun>()])
            {
                Description = "`run` shows the twelve stages; look at `Location` until its status is `succeeded`.",
                Errors = [ApiErrors.Conflict("The slug 'acme' is taken.")],
            });

        var tenant = tenants.MapGroup("/{id}");
        tenant.MapGet("/", GetAsync).Is("getTenant", "Shows a tenant and its provisioning.", Answers.Ok<TenantWithRun>(), ApiErrors.TenantNotFound);
        tenant.MapPatch("/", UpdateAsync).Is("updateTenant", "Changes a tenant's name or cluster.", Answers.Ok<TenantAnswer>(), ApiErrors.TenantNotFound, WrongState);
        tenant.MapPost("/provision", ProvisionAsync).Is(
            "retryProvisioning", "Provisions a tenant again whose provisioning has failed.", Answers.AcceptedAt<TenantWithRun>(), ApiErrors.TenantNotFound, WrongState);
        Change("suspend", "suspendTenant", "Suspends a tenant: all its calls are refused.", "tenant.suspended", change => change.SuspendAsync);
        Change("reactivate", "reactivateTenant", "Puts a suspended tenant back into service.", "tenant.reactivated", change => change.ReactivateAsync);
        Change("close", "closeTenant", "Closes a tenant for good.", "tenant.closed", change => change.CloseAsync);
        Change(
            "flush-caches",
            "flushTenantCaches",
            "Makes every replica read everything of a tenant anew.",
            "tenant.caches_flushed",
            change => (id, request) => change.UpdateAsync(id, unchanged => unchanged, request));
        tenant.MapPost("/api-key/reveal", RevealAsync).NeverReplay().Is(
            new Operation("revealFirstKey", "Shows a tenant's first API key and its owner's token, once.", [Answers.Ok<RevealedCredentials>()])
            {
                Errors = [ApiErrors.TenantNotFound, ApiErrors.Conflict("The first API key was revealed already.")],
            });
        tenant.MapPost("/api-key/reissue", ReissueAsync).Is(
            new Operation("reissueFirstKey", "Makes a tenant's first API key and its owner's token anew, and revokes the former ones.", [Answers.Created<RevealedCredentials>()])
            {
                Errors = [ApiErrors.TenantNotFound, WrongState],
            });
        tenant.MapTokensOfMembers();
        tenant.MapMembersOfTenant();
        tenant.MapRateLimits();
        tenant.MapProvisioningEvents();
        tenant.MapDatabaseSize();
        tenant.MapSlowQueries();
        tenant.MapDomainsOfTenant();

        void Change(string verb, string operation, string summary, string action, Func<ChangeTenant, Func<Guid, ChangeRequest<Tenant>, Task<IResult>>> change) =>
            tenant.MapPost($"/{verb}", (HttpContext context, PathId id, ChangeTenant tenants) => change(tenants)(id, Request(context, id, action)))
                .Is(operation, summary, Answers.Ok<TenantAnswer>(), ApiErrors.TenantNotFound, WrongState);
    }

    private static async Task<IResult> ListAsync(Query<TenantFilter> query, TenantQueries tenants, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await tenants.ListAsync(query.Value, cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownTenant>>(items, LicensingJson.Default.IReadOnlyListShownTenant, nextCursor);
    }

    private static async Task<IResult> GetAsync(PathId id, TenantQueries tenants, CancellationToken cancellationToken) =>
        await tenants.FindAsync(id, cancellationToken) is { } tenant
            ? ApiResult.Ok(tenant, LicensingJson.Default.TenantWithRun)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> CreateAsync(HttpContext context, Body<TenantRequest> body, CreateTenant create, PlanCatalog catalog)
    {
        var request = body.Value;
        var plan = request.Plan ?? (await catalog.ReadAsync(context.RequestAborted)).Default!;
        var slug = request.Slug is { } own && TenantSlug.TryParse(own, out var parsed) ? parsed : TenantSlug.FromName(request.Name);
        return await create.ExecuteAsync(
            new NewTenant(request.Name, slug, plan, request.Region, request.Owner!.Email, request.Owner.Name ?? request.Name) { Compliance = request.Compliance },
            context.Change<TenantWithRun>("tenant.created", null, WithRun));
    }

    private static Task<IResult> UpdateAsync(HttpContext context, PathId id, Body<TenantChange> body, ChangeTenant change) =>
        change.UpdateAsync(
            id,
            tenant => tenant with { Name = body.Value.Name ?? tenant.Name, Cluster = body.Value.Cluster.Or(tenant.Cluster) },
            Request(context, id, "tenant.updated"));

    private static Task<IResult> ProvisionAsync(HttpContext context, PathId id, ChangeTenant change) =>
        change.ProvisionAsync(id, context.Change<TenantWithRun>("tenant.provisioning_retried", id, WithRun));

    private static Task<IResult> RevealAsync(HttpContext context, PathId id, RevealFirstKey reveal) =>
        reveal.ExecuteAsync(
            id, context.Change<RevealedCredentials>("api_key.revealed", id, revealed => ApiResult.Ok(revealed, LicensingJson.Default.RevealedCredentials)));

    private static Task<IResult> ReissueAsync(HttpContext context, PathId id, ReissueFirstKey reissue) =>
        reissue.ExecuteAsync(
            id, context.Change<RevealedCredentials>("api_key.reissued", id, reissued => ApiResult.Created(reissued, LicensingJson.Default.RevealedCredentials)));

    private static ChangeRequest<Tenant> Request(HttpContext context, Guid id, string action) =>
        context.Change<Tenant>(action, id, tenant => ApiResult.Ok(new TenantAnswer(ShownTenant.Of(tenant)), LicensingJson.Default.TenantAnswer));

    private static IApiResult WithRun(TenantWithRun shown) => ApiResult.Accepted(shown, LicensingJson.Default.TenantWithRun, $"/v1/admin/tenants/{shown.Tenant.Id}");
}
