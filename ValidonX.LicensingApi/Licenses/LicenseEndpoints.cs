using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Offline;
using ValidonX.LicensingApi.Policies;
using ValidonX.LicensingApi.SlowQueries;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Licenses in the Integration API (CONTRACT §3) and under <c>/v1/tenant/licenses</c> (§6.1).</summary>
internal static class LicenseEndpoints
{
    private static readonly ApiError RevokedForGood = ApiErrors.Conflict("The license has been revoked for good.");

    public static void MapLicenseValidation(this RouteGroupBuilder integration) =>
        integration.MapHandler<ValidateLicense>($"/licenses/{{{LicenseKeyText.RouteParameter}}}/validate", handler => handler.HandleAsync).Reads<LeaseQuestion>().WithMetadata(new WatchedByItself())
            .Is(new Operation("validateLicense", "Validates a license.", [Answers.Ok<LicenseValidity>()])
            {
                Description = "`valid` is true while the license is active, or expired and within its grace period; `reason` says why it is not. Warm, the answer comes from memory. With `\"lease\": true` the verdict "
                    + "comes signed, too, in `lease`, which is absent otherwise: it is verified with the keys of `/.well-known/jwks.json`, and good while nobody can be asked.",
                Errors = [ApiErrors.LicenseNotFound, ApiErrors.LicenseRevoked, ApiErrors.LicenseRestricted(Reasons.Region, null), ApiErrors.ActivationNotFound],
            });

    public static void MapLicenses(this RouteGroupBuilder tenant)
    {
        var licenses = tenant.MapGroup("/licenses").WithTags("Licenses");
        licenses.MapGet("/", ListAsync).Is("listLicenses", "Lists licenses, newest first.", Answers.Page<LicenseDetails>());
        licenses.MapGet("/{id}", GetAsync).Is("getLicense", "Shows a license.", Answers.Ok<LicenseAnswer>(), ApiErrors.LicenseNotFound);
        licenses.MapPost("/", CreateAsync).For(Permissions.WriteLicenses).Is(
            "createLicense",
            "Makes a license.",
            Answers.Created<LicenseAnswer>(),
            ApiErrors.Conflict("A license with this key exists already."),
            ApiErrors.EntitlementLimitExceeded("licenses.max", 100, 100));

        Change("suspend", "suspendLicense", "Puts a license on hold.", "license.suspended", change => change.SuspendAsync);
        Change("reinstate", "reinstateLicense", "Puts a license back into force.", "license.reinstated", change => change.ReinstateAsync);
        Change("revoke", "revokeLicense", "Ends a license for good.", "license.revoked", change => change.RevokeAsync);
        licenses.MapPost("/{id}/renew", RenewAsync).For(Permissions.WriteLicenses).Is(
            "renewLicense", "Gives a license another expiry.", Answers.Ok<LicenseAnswer>(), ApiErrors.LicenseNotFound, RevokedForGood);
        licenses.MapPost("/{id}/transfer", TransferAsync).For(Permissions.WriteLicenses).Is(
            new Operation("transferLicense", "Gives a license to another holder.", [Answers.Ok<LicenseAnswer>()])
            {
                Description = "Its seats are freed, unless `free_seats` is false. Who had it still knows its key: make another license where that matters.",
                Errors = [ApiErrors.LicenseNotFound, RevokedForGood],
            });
        licenses.MapGet("/{id}/policy", GetPolicyAsync).TagsAnswers().Is("getLicensePolicy", "Shows the rules that a license has of its own.", Answers.Ok<PolicyAnswer>(), ApiErrors.LicenseNotFound);
        licenses.MapPut("/{id}/policy", ReplacePolicyAsync).For(Permissions.WriteLicenses).MayMatch().Is(
            new Operation("replaceLicensePolicy", "Replaces the rules that a license has of its own.", [Answers.Ok<LicenseAnswer>()])
            {
                Description = "What is absent or null it inherits from its product. An expiry that it has already stays. `If-Match` takes the `ETag` of `getLicensePolicy`, so that nobody undoes what somebody "
                    + "else has changed meanwhile; the `ETag` of the answer is that of its new rules.",
                Errors = [ApiErrors.LicenseNotFound, RevokedForGood],
            });

        licenses.MapPut("/{id}/entitlements", (HttpContext context, PathId id, Caller caller, Body<EntitlementsChange> body, ChangeLicense change) =>
                change.ReplaceEntitlementsAsync(caller.Placement, id, body.Value.Entitlements, Request(context, "license.entitlements_changed", caller)))
            .For(Permissions.WriteLicenses)
            .Is("replaceLicenseEntitlements", "Gives a license other entitlements in the place of all that it has.", Answers.Ok<LicenseAnswer>(), ApiErrors.LicenseNotFound, RevokedForGood);

        void Change(
            string verb, string id, string summary, string action, Func<ChangeLicense, Func<TenantPlacement, Guid, ChangeRequest<LicenseDetails>, Task<IResult>>> change) =>
            licenses.MapPost($"/{{id}}/{verb}", (HttpContext context, PathId id, Caller caller, ChangeLicense licenses) =>
                    change(licenses)(caller.Placement, id, Request(context, action, caller)))
                .For(Permissions.WriteLicenses)
                .Is(id, summary, Answers.Ok<LicenseAnswer>(), ApiErrors.LicenseNotFound, RevokedForGood);
    }

    private static async Task<IResult> ListAsync(Caller caller, Query<LicenseFilter> query, LicenseQueries licenses, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await licenses.ListAsync(caller.Placement, query.Value, cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListLicenseDetails, nextCursor);
    }

    private static async Task<IResult> GetAsync(PathId id, Caller caller, LicenseQueries licenses, CancellationToken cancellationToken) =>
        await licenses.FindAsync(caller.Placement, id, cancellationToken) is { } license ? Show(license) : ApiResult.Error(ApiErrors.LicenseNotFound);

    private static Task<IResult> CreateAsync(HttpContext context, Caller caller, Body<NewLicense> body, CreateLicense create) =>
        create.ExecuteAsync(
            caller.Placement,
            caller.Context.TenantPlan ?? "",
            body.Value,
            context.Change<LicenseDetails>(
                "license.created", caller.Placement.TenantId, license => ApiResult.Created(new LicenseAnswer(license), LicensingJson.Default.LicenseAnswer)));

    private static Task<IResult> RenewAsync(HttpContext context, PathId id, Caller caller, Body<LicenseRenewal> body, ChangeLicense change) =>
        change.RenewAsync(caller.Placement, id, body.Value.ExpiresAt, Request(context, "license.renewed", caller));

    private static Task<IResult> TransferAsync(HttpContext context, PathId id, Caller caller, Body<LicenseTransfer> body, ChangeLicense change) =>
        change.TransferAsync(caller.Placement, id, body.Value, Request(context, "license.transferred", caller));

    private static async Task<IResult> GetPolicyAsync(PathId id, Caller caller, LicenseQueries licenses, CancellationToken cancellationToken) =>
        await licenses.FindAsync(caller.Placement, id, cancellationToken) is { } license ? license.PolicyOverrides.Answer() : ApiResult.Error(ApiErrors.LicenseNotFound);

    private static Task<IResult> ReplacePolicyAsync(HttpContext context, PathId id, Caller caller, IfMatch seen, Body<Policy> body, ChangeLicense change) =>
        change.ReplacePolicyAsync(
            caller.Placement,
            id,
            body.Value,
            seen,
            context.Change<LicenseDetails>("license.policy_changed", caller.Placement.TenantId, license => Show(license).Tagged(license.PolicyOverrides.Tag())));

    private static ChangeRequest<LicenseDetails> Request(HttpContext context, string action, Caller caller) =>
        context.Change<LicenseDetails>(action, caller.Placement.TenantId, Show);

    private static IApiResult Show(LicenseDetails license) => ApiResult.Ok(new LicenseAnswer(license), LicensingJson.Default.LicenseAnswer);
}
