using System.Text;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Offline;

/// <summary>What verifies verdicts without asking, for anyone (CONTRACT §10), and what a vendor manages of it.</summary>
internal static class OfflineEndpoints
{
    // Long enough to spare the service, short enough that a new key or a revocation is known soon.
    private const string Cacheable = "public, max-age=300";

    public static void MapPublishedKeys(this IEndpointRouteBuilder routes)
    {
        var known = routes.MapGroup("/.well-known").WithTags("Offline");
        known.MapGet("/jwks.json", GetKeysAsync).Is(
            new Operation("getJsonWebKeySet", "Shows the keys that verify what a tenant has signed.", [Answers.File("application/jwk-set+json")])
            {
                Description = "A JSON Web Key Set (RFC 7517): the key that signs, the one that will sign next, and old ones until the last that they signed has ended.",
                Errors = [ApiErrors.TenantNotFound],
            });
        known.MapGet("/revocations", GetRevocationsAsync).Is(
            new Operation("getRevocations", "Shows what a tenant has taken back before its time, signed.", [Answers.File(Jws.MediaType)])
            {
                Description = "A JWS (ES256, `typ` `vx-revocations+jwt`) with `iat`, `next_update`, `exp`, `revoked` (licenses by `sub`, license files by `jti`) and `revoked_instances` (seats by "
                    + "`sub` and `instance_id`). A seat that was taken again after `at` is good again.",
                Errors = [ApiErrors.TenantNotFound],
            });
    }

    public static void MapSigningKeys(this RouteGroupBuilder tenant)
    {
        var keys = tenant.MapGroup("/signing-keys").For(Permissions.ManageSigningKeys).WithTags("Offline");
        keys.MapGet("/", ListKeysAsync).Is("listSigningKeys", "Lists the keys that sign verdicts: the next one, the active one, then those that sign no more.", Answers.Page<ShownSigningKey>());
        keys.MapPost("/rotate", RotateAsync).Is("rotateSigningKey", "Lets the next key sign.", Answers.Ok<SigningKeyAnswer>());
        keys.MapPost("/{id}/revoke", RevokeKeyAsync).Is(
            new Operation("revokeSigningKey", "Takes a key out of the world that somebody else may have.", [Answers.Ok<SigningKeyAnswer>()])
            {
                Description = "Nothing that it signed is good any more: apps get another lease when they ask next, license files have to be made again.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    public static void MapLicenseFiles(this RouteGroupBuilder tenant)
    {
        var files = tenant.MapGroup("/licenses/{id}").WithTags("Offline");
        files.MapPost("/file", CreateFileAsync).For(Permissions.WriteLicenses).Is(
            new Operation("createLicenseFile", "Makes a license file for a machine that can ask nobody.", [Answers.Created<CreatedLicenseFile>()])
            {
                Description = "The file is signed by the key of `/.well-known/jwks.json` and, if wanted, encrypted to the license key. It is shown this once.",
                Errors = [ApiErrors.LicenseNotFound, ApiErrors.LicenseRevoked, ApiErrors.ActivationInvalid],
            });
        files.MapGet("/files", ListFilesAsync).Is("listLicenseFiles", "Lists the files of a license, newest first.", Answers.Page<ShownLicenseFile>(), ApiErrors.LicenseNotFound);
        files.MapPost("/files/{fileId}/revoke", RevokeFileAsync).For(Permissions.WriteLicenses).Is(
            "revokeLicenseFile", "Puts a license file on the list of revocations.", Answers.Ok<LicenseFileAnswer>(), ApiErrors.ResourceNotFound);
    }

    private static async Task<IResult> GetKeysAsync(HttpContext context, Query<OfTenant> query, PublicTenants tenants, PublishedKeys keys)
    {
        var tenant = await tenants.FindAsync(query.Value.Tenant, context.RequestAborted);
        var set = await keys.FindAsync(tenant.Placement, context.RequestAborted);
        return Publish(context, System.Text.Json.JsonSerializer.Serialize(set, LicensingJson.Default.JsonWebKeySet), "application/jwk-set+json");
    }

    private static async Task<IResult> GetRevocationsAsync(HttpContext context, Query<OfTenant> query, PublicTenants tenants, Revocations revocations)
    {
        var tenant = await tenants.FindAsync(query.Value.Tenant, context.RequestAborted);
        return Publish(context, (await revocations.FindAsync(tenant.Placement, tenant.Plan, context.RequestAborted)).Jws, Jws.MediaType);
    }

    private static async Task<IResult> ListKeysAsync(Caller caller, SigningKeys keys, TimeProvider time, CancellationToken cancellationToken) =>
        ApiResult.Page<IReadOnlyList<ShownSigningKey>>(
            [.. (await keys.ListAsync(caller.Placement, cancellationToken)).Select(key => key.Show(time.GetUtcNow()))], LicensingJson.Default.IReadOnlyListShownSigningKey, nextCursor: null);

    private static Task<IResult> RotateAsync(HttpContext context, Caller caller, SigningKeys keys, TimeProvider time) =>
        keys.RotateAsync(caller.Placement, context.Change<SigningKeyRow>("signing_key.rotated", caller.Placement.TenantId, key => Show(key, time)));

    private static Task<IResult> RevokeKeyAsync(HttpContext context, PathId id, Caller caller, SigningKeys keys, TimeProvider time) =>
        keys.RevokeAsync(caller.Placement, id, context.Change<SigningKeyRow>("signing_key.revoked", caller.Placement.TenantId, key => Show(key, time)));

    private static Task<IResult> CreateFileAsync(HttpContext context, PathId id, Caller caller, Body<NewLicenseFile> body, LicenseFiles files) =>
        files.CreateAsync(
            caller.Placement,
            id,
            body.Value,
            context.Change<CreatedLicenseFile>(
                "license_file.created", caller.Placement.TenantId, file => ApiResult.Created(file, LicensingJson.Default.CreatedLicenseFile)));

    private static async Task<IResult> ListFilesAsync(PathId id, Caller caller, Query<ListQuery> query, LicenseFiles files, CancellationToken cancellationToken) =>
        await files.ListAsync(caller.Placement, id, query.Value.Page(), cancellationToken) is var (items, nextCursor)
            ? ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownLicenseFile, nextCursor)
            : ApiResult.Error(ApiErrors.LicenseNotFound);

    private static Task<IResult> RevokeFileAsync(HttpContext context, PathId id, PathId fileId, Caller caller, LicenseFiles files) =>
        files.RevokeAsync(
            caller.Placement,
            id,
            fileId,
            context.Change<ShownLicenseFile>(
                "license_file.revoked", caller.Placement.TenantId, file => ApiResult.Ok(new LicenseFileAnswer(file), LicensingJson.Default.LicenseFileAnswer)));

    private static IApiResult Show(SigningKeyRow key, TimeProvider time) =>
        ApiResult.Ok(new SigningKeyAnswer(key.Show(time.GetUtcNow())), LicensingJson.Default.SigningKeyAnswer);

    /// <summary>What other programs read as it stands, in no envelope.</summary>
    private static IResult Publish(HttpContext context, string text, string mediaType)
    {
        Envelope.SetHeaders(context);
        context.Response.Headers.CacheControl = Cacheable;
        return Results.Text(text, mediaType, Encoding.ASCII);
    }
}
