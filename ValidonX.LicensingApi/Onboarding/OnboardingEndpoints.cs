using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.LicensingApi.Plans;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.Onboarding;

/// <summary>A user signs a vendor up, watches its provisioning and takes the first key, under <c>/v1/onboarding</c> (CONTRACT §6).</summary>
internal static class OnboardingEndpoints
{
    private const string Path = "/v1/onboarding/provision";

    public static void MapOnboarding(this IEndpointRouteBuilder api)
    {
        var onboarding = api.MapGroup(Path).For(Permissions.OwnAccount).AcceptIdempotencyKey().WithTags("Onboarding");
        onboarding.MapPost("/", SignUpAsync).Is(
            new Operation("signUpTenant", "Signs a tenant up that the caller owns, and begins to provision it.", [Answers.AcceptedAt<TenantWithRun>()])
            {
                Description = "Watch `…/events` or look at `Location` until `run.status` is `succeeded`; then take the first key.",
                Errors = [ApiErrors.Conflict("The slug 'acme' is taken."), SignUp.TooMany],
            });
        onboarding.MapGet("/{tenantId}", GetAsync).Is("getProvisioning", "Shows the provisioning of a tenant of the caller.", Answers.Ok<TenantWithRun>(), ApiErrors.TenantNotFound);
        onboarding.MapGet("/{tenantId}/events", WatchAsync).Is(
            new Operation("watchProvisioning", "Tells the twelve stages of a tenant's provisioning as they pass.", [Answers.File(ServerSentEvents.ContentType)])
            {
                Description =
                    """
                    Server-sent events: `stage` with a stage each time that it has changed, at last `run` with the whole run; then the stream ends. Every event has an id: with
                    `Last-Event-ID` it goes on where it broke off (204 when nothing is left to tell). A comment every 15 s keeps the connection.
                    """,
                Errors = [ApiErrors.TenantNotFound],
            });
        onboarding.MapPost("/{tenantId}/api-key/reveal", RevealAsync).NeverReplay().Is(
            new Operation("revealOwnFirstKey", "Shows the tenant's first API key and a token for its owner, once.", [Answers.Ok<RevealedCredentials>()])
            {
                Description = "Only for the tenant's owner.",
                Errors = [ApiErrors.TenantNotFound, ApiErrors.InsufficientPermissions, ApiErrors.Conflict("The API key has been shown already.")],
            });
    }

    /// <summary>The same stream for operators, of any tenant.</summary>
    public static void MapProvisioningEvents(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/events", async (HttpContext context, PathId id, TenantQueries tenants, ProvisioningWatch watch) =>
                await tenants.ExistsAsync(id, context.RequestAborted) ? await ServerSentEvents.StreamAsync(context, watch, id) : ApiResult.Error(ApiErrors.TenantNotFound))
            .Is("watchProvisioningOfTenant", "Tells the twelve stages of any tenant's provisioning as they pass.", Answers.File(ServerSentEvents.ContentType), ApiErrors.TenantNotFound);

    private static Task<IResult> SignUpAsync(HttpContext context, Caller caller, Body<SignUpRequest> body, SignUp signUp) =>
        signUp.ExecuteAsync(
            caller.Id,
            body.Value,
            context.Change<TenantWithRun>("tenant.created", null, shown => ApiResult.Accepted(shown, LicensingJson.Default.TenantWithRun, $"{Path}/{shown.Tenant.Id}")));

    private static async Task<IResult> GetAsync(PathId tenantId, Caller caller, SignUp signUp, TenantQueries tenants, CancellationToken cancellationToken) =>
        await signUp.RoleAsync(tenantId, caller.Id, cancellationToken) is not null && await tenants.FindAsync(tenantId, cancellationToken) is { } tenant
            ? ApiResult.Ok(tenant, LicensingJson.Default.TenantWithRun)
            : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> WatchAsync(HttpContext context, PathId tenantId, Caller caller, SignUp signUp, ProvisioningWatch watch) =>
        await signUp.RoleAsync(tenantId, caller.Id, context.RequestAborted) is null
            ? ApiResult.Error(ApiErrors.TenantNotFound)
            : await ServerSentEvents.StreamAsync(context, watch, tenantId);

    private static async Task<IResult> RevealAsync(HttpContext context, PathId tenantId, Caller caller, SignUp signUp, RevealFirstKey reveal) =>
        await signUp.RoleAsync(tenantId, caller.Id, context.RequestAborted) switch
        {
            null => ApiResult.Error(ApiErrors.TenantNotFound),
            TenantRole.Owner => await reveal.ExecuteAsync(
                tenantId,
                context.Change<RevealedCredentials>("api_key.revealed", tenantId, revealed => ApiResult.Ok(revealed, LicensingJson.Default.RevealedCredentials))),
            _ => ApiResult.Error(ApiErrors.InsufficientPermissions),
        };
}

/// <summary>A tenant that its future owner signs up.</summary>
internal sealed record SignUpRequest : IRequest, IChecked, ICheckedByStore
{
    /// <summary>Its name.</summary>
    [Text(120)]
    [Example("ACME Software")]
    public required string Name { get; init; }

    /// <summary>Its short name, unique; made from the name when absent.</summary>
    [Text(TenantSlug.MaximumLength, TenantSlug.MinimumLength)]
    [Example("acme")]
    public string? Slug { get; init; }

    /// <summary>The code of its plan, one of those that anyone may choose; by default the first one.</summary>
    [Text(32)]
    [Example("starter")]
    public string? Plan { get; init; }

    /// <summary>Where its data is to live.</summary>
    [Name]
    [Example("local")]
    public string Region { get; init; } = "local";

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (Slug is not null && !TenantSlug.TryParse(Slug, out _))
        {
            at.Of("slug").Fail("Must have 3 to 40 characters of a-z 0-9 and hyphens, and not begin or end with a hyphen.");
        }
    }

    /// <inheritdoc/>
    public async ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken)
    {
        var plans = (await services.GetRequiredService<PlanCatalog>().ReadAsync(cancellationToken)).Public;
        if (Plan is null ? plans.Count == 0 && !errors.Has("plan") : !plans.Contains(Plan, StringComparer.Ordinal))
        {
            errors.Add("plan", Plan is null ? "Is required." : $"Must be one of: {string.Join(", ", plans)}.");
        }
    }
}
