using ValidonX.LicensingApi.Activations;
using ValidonX.LicensingApi.Branding;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Customers;

/// <summary>
/// What tenants' customers call under <c>/v1/customer</c>; <c>Host</c> names the tenant. No Idempotency-Key is taken: keys belong to a caller, and here is none. Asking for a code, and freeing a
/// device, can be repeated as they are; a code is answered once.
/// </summary>
internal static class CustomerEndpoints
{
    public static void MapCustomers(this IEndpointRouteBuilder routes)
    {
        var customer = routes.MapGroup("/v1/customer").For(Permissions.BeCustomer).WithTags("Customers");
        customer.MapGet("/branding", GetBrandingAsync).TagsAnswers().Is("getCustomerBranding", "Shows how the tenant's pages look.", Answers.Ok<TenantBranding>());
        customer.MapGet("/logo", BrandingEndpoints.GetLogoAsync).Is("getCustomerLogo", "Gives the tenant's logo.", Answers.File("image/*"), ApiErrors.ResourceNotFound);
        customer.MapPost("/codes", SendCodeAsync).Is(
            new Operation("sendCustomerCode", "Mails a code to the customer of a license.", [Answers.Accepted<CustomerCodeRequested>()])
            {
                Description = "The answer is always the same, and takes the same time: whether there is such a license, and whether its customer has an e-mail address, only the mailbox tells. Each mail makes "
                    + "the code before useless; at most five an hour are sent for a license.",
                Errors = [ApiErrors.AccountLocked],
            });
        customer.MapPost("/sessions", OpenAsync).Is(
            new Operation("openCustomerSession", "Opens a session for one license by a mailed code.", [Answers.Created<CustomerSession>()])
            {
                Description = "The code is good once, for ten minutes and five tries; the session for half an hour, or until the license's customer has another address.",
                Errors = [CustomerSessions.WrongCode, ApiErrors.AccountLocked],
            });
        customer.MapDelete("/sessions", EndAsync).Is("endCustomerSession", "Ends the session.", Answers.Nothing);
        customer.MapGet("/license", GetLicenseAsync).Is("getCustomerLicense", "Shows the session's license and its devices.", Answers.Ok<CustomerLicense>(), ApiErrors.LicenseNotFound);
        customer.MapDelete("/activations/{id}", FreeAsync).Is(
            new Operation("freeCustomerDevice", "Frees a device of the session's license.", [Answers.Ok<ActivationFreed>()])
            {
                Description = "As if its app had given the seat back: another device can take it, within what the license's policy says of swaps. Freeing it again changes nothing.",
                Errors = [ApiErrors.ActivationNotFound],
            });
    }

    private static async Task<IResult> GetBrandingAsync(Caller caller, BrandingStore store, CancellationToken cancellationToken) =>
        BrandingEndpoints.Show(await store.FindAsync(caller.Placement, BrandingEndpoints.Name(caller), cancellationToken));

    private static async Task<IResult> SendCodeAsync(
        HttpContext context, Caller caller, Body<CustomerCodeRequest> body, CustomerCodes codes, CountedAudit counted, CancellationToken cancellationToken)
    {
        await codes.SendAsync(caller.Placement, BrandingEndpoints.Name(caller), body.Value.LicenseKey, cancellationToken);
        // Anyone can cause it at will, so it is counted, and of the key nothing is recorded.
        counted.Note(caller.Audit(context, "customer.code_requested", caller.Placement.TenantId), "code_sent", caller.Network);
        return ApiResult.Accepted(new CustomerCodeRequested("code_sent"), LicensingJson.Default.CustomerCodeRequested);
    }

    private static Task<IResult> OpenAsync(HttpContext context, Caller caller, Body<CustomerSessionRequest> body, CustomerSessions sessions) =>
        sessions.OpenAsync(
            caller.Placement,
            body.Value,
            caller.Network,
            context.Change<CustomerSession>("customer.signed_in", caller.Placement.TenantId, session => ApiResult.Created(session, LicensingJson.Default.CustomerSession)));

    private static Task<IResult> EndAsync(HttpContext context, Caller caller, CustomerToken token, CustomerSessions sessions) =>
        sessions.EndAsync(caller.Placement, token, context.Change<Nothing>("customer.signed_out", caller.Placement.TenantId, _ => ApiResult.NoContent));

    private static async Task<IResult> GetLicenseAsync(Caller caller, CustomerToken token, CustomerSessions sessions, CustomerLicenses licenses, CancellationToken cancellationToken) =>
        ApiResult.Ok(
            await licenses.ShowAsync(caller.Placement, await sessions.FindAsync(caller.Placement, token, cancellationToken), cancellationToken), LicensingJson.Default.CustomerLicense);

    private static async Task<IResult> FreeAsync(HttpContext context, PathId id, Caller caller, CustomerToken token, CustomerSessions sessions, EndActivation end)
    {
        var licenseId = await sessions.FindAsync(caller.Placement, token, context.RequestAborted);
        var request = context.Change<ActivationRow>(
            "activation.revoked", caller.Placement.TenantId, row => ApiResult.Ok(new ActivationFreed(row.Id, Freed: true), LicensingJson.Default.ActivationFreed));
        return await end.ReleaseAsync(caller.Placement, id, request with { Audit = CustomerSessions.By(request.Audit, licenseId) }, ofLicense: licenseId);
    }
}

/// <summary>A device that does not use the license any more.</summary>
/// <param name="Id">The id of its activation.</param>
/// <param name="Freed">That its seat is free.</param>
internal sealed record ActivationFreed(Guid Id, bool Freed);
