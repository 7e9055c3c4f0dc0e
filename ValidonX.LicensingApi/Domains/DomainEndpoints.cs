using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Domains;

namespace ValidonX.LicensingApi.Domains;

/// <summary>A tenant's own domains under <c>/v1/tenant/domains</c> (CONTRACT §2, §6).</summary>
internal static class DomainEndpoints
{
    public static void MapDomains(this RouteGroupBuilder tenant)
    {
        var domains = tenant.MapGroup("/domains").WithTags("Domains");
        domains.MapGet("/", ListAsync).Is("listDomains", "Lists the tenant's domains, newest first.", Answers.Page<ShownDomain>());
        domains.MapPost("/", AddAsync).For(Permissions.ManageDomains).Is(
            new Operation("addDomain", "Adds a host under which customers are to reach the tenant's pages.", [Answers.Created<DomainAnswer>()])
            {
                Description = "It leads nowhere before it is proved to be the tenant's: set the `record` of the answer in its DNS and verify it.",
                Errors = [DomainStore.AlreadyAdded, DomainStore.TooMany],
            });
        domains.MapPost("/{id}/verify", VerifyAsync).For(Permissions.ManageDomains).Is(
            new Operation("verifyDomain", "Looks for the record that proves a host to be the tenant's.", [Answers.Ok<DomainVerification>()])
            {
                Description = "That it is not there is no error: the answer says what was found. From a success on every gateway knows the host. A host that another tenant has proved is refused.",
                Errors = [ApiErrors.ResourceNotFound, DomainStore.OfAnother, RecordLookup.OneAtATime],
            });
        domains.MapDelete("/{id}", RemoveAsync).For(Permissions.ManageDomains).Is(
            new Operation("removeDomain", "Removes a host.", [Answers.Ok<DeletedAnswer>()])
            {
                Description = "It leads nowhere any more when the call returns.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    /// <summary>The same list for operators, who take a domain away where nobody at the tenant does: it was sold, or its owner is gone, and its new owner waits for it.</summary>
    public static void MapDomainsOfTenant(this RouteGroupBuilder tenant)
    {
        var domains = tenant.MapGroup("/domains").WithTags("Domains");
        domains.MapGet("/", ListOfTenantAsync).Is("listDomainsOfTenant", "Lists a tenant's domains, newest first.", Answers.Page<ShownDomain>(), ApiErrors.TenantNotFound);
        domains.MapDelete("/{domainId}", RemoveOfTenantAsync).Is(
            new Operation("removeDomainOfTenant", "Takes a host away from a tenant.", [Answers.Ok<DeletedAnswer>()])
            {
                Description = "It leads nowhere any more when the call returns, and whoever proves it next has it. The tenant's audit log says that an operator did it.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    private static Task<IResult> ListAsync(Caller caller, Query<ListQuery> query, DomainStore store, CancellationToken cancellationToken) =>
        PageAsync(caller.Placement.TenantId, query.Value, store, cancellationToken);

    private static async Task<IResult> ListOfTenantAsync(PathId id, Query<ListQuery> query, TenantQueries tenants, DomainStore store, CancellationToken cancellationToken) =>
        await tenants.ExistsAsync(id, cancellationToken) ? await PageAsync(id, query.Value, store, cancellationToken) : ApiResult.Error(ApiErrors.TenantNotFound);

    private static async Task<IResult> PageAsync(Guid tenantId, ListQuery query, DomainStore store, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await store.ListAsync(tenantId, query.Page(), cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownDomain>>([.. items.Select(row => row.Show())], LicensingJson.Default.IReadOnlyListShownDomain, nextCursor);
    }

    private static Task<IResult> AddAsync(HttpContext context, Caller caller, Body<DomainRequest> body, DomainStore store) =>
        store.AddAsync(
            caller.Placement.TenantId,
            body.Value.Host,
            context.Change<DomainRow>("domain.added", caller.Placement.TenantId, row => ApiResult.Created(new DomainAnswer(row.Show()), LicensingJson.Default.DomainAnswer)));

    private static Task<IResult> VerifyAsync(HttpContext context, PathId id, Caller caller, DomainStore store) =>
        store.VerifyAsync(
            caller.Placement.TenantId,
            id,
            context.Change<DomainVerification>("domain.verified", caller.Placement.TenantId, verified => ApiResult.Ok(verified, LicensingJson.Default.DomainVerification)));

    private static Task<IResult> RemoveAsync(HttpContext context, PathId id, Caller caller, DomainStore store) => TakeAwayAsync(context, caller.Placement.TenantId, id, store);

    private static Task<IResult> RemoveOfTenantAsync(HttpContext context, PathId id, PathId domainId, DomainStore store) => TakeAwayAsync(context, id, domainId, store);

    private static Task<IResult> TakeAwayAsync(HttpContext context, Guid tenantId, Guid id, DomainStore store) =>
        store.RemoveAsync(tenantId, id, context.Change<DeletedAnswer>("domain.removed", tenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));
}

/// <summary>A host to be added.</summary>
internal sealed record DomainRequest : IRequest, ICheckedByStore
{
    /// <summary>The host, in any spelling.</summary>
    [Host]
    [Example("licenses.acme.example")]
    public required string Host { get; init; }

    /// <inheritdoc/>
    public ValueTask CheckAsync(FieldErrors errors, IServiceProvider services, CancellationToken cancellationToken)
    {
        if (HostName.TryParse(Host, out var host) && services.GetRequiredService<OwnHosts>().Contain(host))
        {
            errors.Add("host", "Is the platform's own.");
        }

        return ValueTask.CompletedTask;
    }
}
