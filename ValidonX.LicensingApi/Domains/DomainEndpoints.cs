using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
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
                Errors = [ApiErrors.ResourceNotFound, DomainStore.OfAnother],
            });
        domains.MapDelete("/{id}", RemoveAsync).For(Permissions.ManageDomains).Is(
            new Operation("removeDomain", "Removes a host.", [Answers.Ok<DeletedAnswer>()])
            {
                Description = "It leads nowhere any more when the call returns.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    private static async Task<IResult> ListAsync(Caller caller, Query<ListQuery> query, DomainStore store, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await store.ListAsync(caller.Placement.TenantId, query.Value.Page(), cancellationToken);
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

    private static Task<IResult> RemoveAsync(HttpContext context, PathId id, Caller caller, DomainStore store) =>
        store.RemoveAsync(
            caller.Placement.TenantId,
            id,
            context.Change<DeletedAnswer>("domain.removed", caller.Placement.TenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer)));
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
