using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Challenges;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>A tenant's single sign-on under <c>/v1/tenant/sso</c> (CONTRACT §9), and the way in by it under <c>/v1/auth/sso</c>.</summary>
internal static class SsoEndpoints
{
    /// <summary>Maps how it is configured.</summary>
    public static void MapSso(this RouteGroupBuilder tenant)
    {
        var sso = tenant.MapGroup("/sso").WithTags("Single sign-on");
        sso.MapGet("/", GetAsync).TagsAnswers().For(Permissions.ReadSignOn).Is("getSso", "Shows where the tenant's users sign in.", Answers.Ok<ShownSso>(), ApiErrors.ResourceNotFound);
        sso.MapPut("/", PutAsync).For(Permissions.ManageSignOn).Is(
            new Operation("replaceSso", "Says where the tenant's users sign in.", [Answers.Ok<ShownSso>()])
            {
                Description = "Bearer tokens of this issuer are taken for this tenant and no other: JWTs signed with RSA or elliptic curves by a key that the issuer publishes, with its `iss`, the "
                    + "audience, a `sub` and an `exp`. Who comes with one for the first time becomes a user of this tenant; an e-mail address in it finds no account. A change ends all sessions "
                    + "that were begun at the issuer. `If-Match: *` takes whatever is there, also nothing.",
            });
        sso.MapDelete("/", (HttpContext context, Caller caller, SsoStore store) =>
                store.DeleteAsync(caller.Placement.TenantId, context.Change<Nothing>("sso.removed", caller.Placement.TenantId, _ => ApiResult.NoContent)))
            .For(Permissions.ManageSignOn)
            .Is("removeSso", "Lets nobody sign in at the tenant's issuer any more.", Answers.Nothing);
        sso.MapPost("/check", async (Caller caller, SsoCheck check, CancellationToken cancellationToken) =>
                (await check.CheckAsync(caller.Placement.TenantId, cancellationToken)).ToResult(found => ApiResult.Ok(found, LicensingJson.Default.ShownSsoCheck)))
            .NeverReplay()
            .For(Permissions.ManageSignOn)
            .Is(new Operation("checkSso", "Looks whether a sign-in at the tenant's issuer can work.", [Answers.Ok<ShownSsoCheck>()])
            {
                Description = "Asks the issuer as a sign-in does, without what is kept of former answers, and says step by step what it found. Whether `redirect_uri` is registered at the issuer only "
                    + "a sign-in shows. Changes nothing.",
                Errors = [ApiErrors.ResourceNotFound, SsoCheck.TooOften],
            });
        sso.MapGet("/users", ListUsersAsync).For(Permissions.ReadSignOn).Is(
            "listSsoUsers", "Lists who came by single sign-on, newest first; also those who were removed since.", Answers.Page<ShownSsoUser>());
        sso.MapDelete("/users/{id}", (HttpContext context, PathId id, Caller caller, SsoUsers users) => users.ForgetAsync(
                caller.Placement.TenantId,
                id,
                context.Change<DeletedAnswer>("sso.user_forgotten", caller.Placement.TenantId, deleted => ApiResult.Ok(deleted, LicensingJson.Default.DeletedAnswer))))
            .For(Permissions.ManageSignOn)
            .Is(new Operation("forgetSsoUser", "Deletes a user who came by single sign-on.", [Answers.Ok<DeletedAnswer>()])
            {
                Description = "The next token of the same subject makes a new user. So this is how somebody gets in again who was removed; to keep somebody out, remove the member.",
                Errors = [ApiErrors.ResourceNotFound, DeleteAccount.LastOwner],
            });
    }

    /// <summary>Maps the way in with a browser.</summary>
    public static void MapSsoSignIn(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/v1/auth/sso").WithTags("Sign-in");
        auth.MapPost("/start", async (Body<SsoStart> body, SsoSignIn signIn, CancellationToken cancellationToken) =>
                (await signIn.StartAsync(body.Value.Tenant, cancellationToken)).ToResult(started => ApiResult.Ok(started, LicensingJson.Default.SsoStarted)))
            .Is(new Operation("startSso", "Begins a sign-in at a tenant's issuer.", [Answers.Ok<SsoStarted>()])
            {
                Description = "Keep `attempt` in the page and send the browser to `authorization_url`. The issuer sends it back to `/sso/callback` of the portal with `state` and `code`.",
                Errors = [SsoSignIn.NotConfigured, SsoSignIn.IssuerAway],
            });
        auth.MapPost("/complete", (HttpContext context, Caller caller, Body<SsoCompletion> body, SsoSignIn signIn) => signIn.CompleteAsync(
                body.Value, caller.Network, context.Change<UserLoginAnswer>("sso.logged_in", null, user => ApiResult.Ok(user, LicensingJson.Default.UserLoginAnswer))))
            .Is("completeSso", "Ends a sign-in at a tenant's issuer with what the issuer sent back.", Answers.Ok<UserLoginAnswer>(), SsoSignIn.NotConfirmed, SsoSignIn.IssuerAway, ApiErrors.AccountLocked);
    }

    private static async Task<IResult> GetAsync(Caller caller, SsoStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(caller.Placement.TenantId, cancellationToken) is { } found ? Show(found) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static async Task<IResult> ListUsersAsync(Caller caller, Query<ListQuery> query, SsoUsers users, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await users.ListAsync(caller.Placement.TenantId, query.Value.Page(), cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownSsoUser, nextCursor);
    }

    private static Task<IResult> PutAsync(HttpContext context, Caller caller, IfMatch seen, Body<SsoRequest> body, SsoStore store) =>
        store.ReplaceAsync(caller.Placement.TenantId, body.Value, seen, context.Change<TaggedSso>("sso.changed", caller.Placement.TenantId, Show));

    private static IApiResult Show(TaggedSso tagged) => ApiResult.Ok(tagged.Sso, LicensingJson.Default.ShownSso).Tagged(tagged.Tag);
}

/// <summary>Whose users' sign-in is to be begun.</summary>
internal sealed record SsoStart : IRequest
{
    /// <summary>The tenant's short name.</summary>
    [Text(40)]
    [Example("acme")]
    public required string Tenant { get; init; }
}

/// <summary>A sign-in that was begun.</summary>
/// <param name="AuthorizationUrl">Where to send the browser.</param>
/// <param name="Attempt">What has to be given back with the issuer's answer. It is good for nothing without it.</param>
/// <param name="ExpiresAt">When it is too late.</param>
internal sealed record SsoStarted(
    [property: Example("https://login.acme.example/authorize?response_type=code")] string AuthorizationUrl,
    [property: Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")] string Attempt,
    DateTimeOffset ExpiresAt);

/// <summary>What the issuer sent back.</summary>
internal sealed record SsoCompletion : IRequest
{
    /// <summary>The `attempt` of the sign-in as it was begun.</summary>
    [Secret(SealedText.MaximumLength)]
    [Example("AZo8Xn0PfD6bGi9NboqLHE1kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string Attempt { get; init; }

    /// <summary>`state` of the address that the issuer sent the browser to.</summary>
    [Secret(128)]
    [Example("kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsDgQoWiExc")]
    public required string State { get; init; }

    /// <summary>`code` of the same address.</summary>
    [Secret(2_048)]
    [Example("SplxlOBeZQQYbYS6WxSbIA")]
    public required string Code { get; init; }
}
