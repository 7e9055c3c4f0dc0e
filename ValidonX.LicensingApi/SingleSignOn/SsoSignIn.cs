using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.AspNetCore.WebUtilities;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Challenges;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Secrets;
using ValidonX.Platform.SingleSignOn;
using ValidonX.Platform.Tenants;

namespace ValidonX.LicensingApi.SingleSignOn;

/// <summary>What a sign-in that was begun has to come back with.</summary>
internal sealed record BegunSignOn(Guid Version, string State, string Nonce, string Verifier, DateTimeOffset ExpiresAt);

/// <summary>
/// Signs people in at their tenant's issuer with a browser: authorization code with PKCE (RFC 9700, OpenID Connect Core §3.1). What the answer is compared with is sealed and
/// kept by the page that began, so that nothing is stored of sign-ins that were only begun and nobody can bring another's to its end.
/// </summary>
internal sealed class SsoSignIn(
    PlatformDatabase platform,
    StateChanges changes,
    SsoStore store,
    SignedOnUsers users,
    UserSessions sessions,
    Issuers issuers,
    IssuerDocuments documents,
    TokenVerifier verifier,
    SecretSealer sealer,
    CountedAudit counted,
    SignInMetrics metrics,
    TimeProvider time)
{
    private const int RandomBytes = 32;

    /// <summary>Sign-ins that wait for issuers, all together: fewer than strangers have places at a gateway, so that issuers which never answer leave some to passwords.</summary>
    private const int MostWaiting = 48;

    /// <summary>How long somebody may take at the issuer.</summary>
    private static readonly TimeSpan AttemptLife = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan SessionLife = TimeSpan.FromHours(12);

    private int _waiting;

    /// <summary>There is no such tenant, or none with single sign-on: the same answer.</summary>
    public static ApiError NotConfigured { get; } = ApiErrors.ResourceNotFound with { Message = "There is no such tenant, or it has no single sign-on." };

    /// <summary>The issuer does not answer.</summary>
    public static ApiError IssuerAway { get; } = ApiErrors.Unavailable with { Message = "The tenant's issuer cannot be reached; try again.", RetryAfterSeconds = 30 };

    /// <summary>The sign-in was not begun as it should, or the issuer does not confirm it.</summary>
    public static ApiError NotConfirmed { get; } =
        ApiErrors.VerificationFailed with { Message = "The issuer did not confirm this sign-in, or it was not begun here, has taken too long, or was ended already." };

    /// <summary>The issuer knows the user and gives no role.</summary>
    public static ApiError NoRole { get; } = ApiErrors.Forbidden with { Message = "The tenant's single sign-on gives this user no role." };

    /// <summary>Says where to send the browser.</summary>
    public async Task<Outcome<SsoStarted>> StartAsync(string slug, CancellationToken cancellationToken)
    {
        // What is no slug is not asked for: the column holds ASCII, and the server refuses to compare it with what has no place in it.
        if (!TenantSlug.TryParse(slug, out _) || await FindAsync("t.slug = @value", slug, cancellationToken) is not { } settings)
        {
            return NotConfigured;
        }

        if (await WaitAsync(async () => await issuers.Of(settings.Issuer).GetAsync(cancellationToken)) is not { } keys || !documents.Allows(keys.Configuration.AuthorizationEndpoint))
        {
            return IssuerAway;
        }

        var begun = new BegunSignOn(settings.Version, Random(), Random(), Random(), time.GetUtcNow() + AttemptLife);
        var url = QueryHelpers.AddQueryString(keys.Configuration.AuthorizationEndpoint, new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = settings.ClientId,
            ["redirect_uri"] = store.RedirectUri,
            ["scope"] = "openid profile email",
            ["state"] = begun.State,
            ["nonce"] = begun.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(begun.Verifier))),
            ["code_challenge_method"] = "S256",
        });
        return new SsoStarted(url, SealedText.Of(sealer, begun, LicensingJson.Default.BegunSignOn, SealedPurposes.SignOnBegun, settings.TenantId), begun.ExpiresAt);
    }

    /// <summary>Ends a sign-in with the issuer's answer: a token of ours.</summary>
    public async Task<IResult> CompleteAsync(SsoCompletion completion, string network, ChangeRequest<UserLoginAnswer> request)
    {
        if (SealedText.Open(sealer, completion.Attempt, LicensingJson.Default.BegunSignOn, SealedPurposes.SignOnBegun) is not var (tenantId, begun)
            || begun.ExpiresAt <= time.GetUtcNow()
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(begun.State), Encoding.UTF8.GetBytes(completion.State))
            || await FindAsync("t.id = @value", tenantId.ToString(), request.Aborted) is not { } settings
            || settings.Version != begun.Version)
        {
            return Refuse(NotConfirmed, "not_begun", null);
        }

        var claim = await WaitAsync(async () => new Claim(await ClaimAsync(settings, begun, completion.Code, request.Aborted)));
        if (claim?.Outcome.Value is not { } user)
        {
            var reason = claim?.Outcome.Refusal ?? IssuerAway;
            return Refuse(reason, reason == IssuerAway ? TokenVerdict.IssuerAway : "not_confirmed", tenantId);
        }

        ApiError? refusal = null;
        var result = await changes.InPlatformAsync<UserLoginAnswer>(request, async (transaction, token) =>
        {
            if (!await UsedChallenges.TakeAsync(transaction, begun.State, begun.ExpiresAt, token))
            {
                return refusal = NotConfirmed;
            }

            var admitted = await users.AdmitAsync(transaction, tenantId, user, request.Audit with { TenantId = tenantId }, token);
            if (admitted.Value is not { } one)
            {
                return refusal = admitted.Refusal!;
            }

            return await BeginAsync(transaction, tenantId, one, request, token);
        });
        if (refusal is not null)
        {
            return Refuse(refusal, "not_admitted", tenantId);
        }

        metrics.Count(SignInMetrics.Succeeded);
        return result;

        IResult Refuse(ApiError error, string reason, Guid? tenant)
        {
            metrics.Count(SignInMetrics.NotConfirmed);
            counted.Note(request.Audit with { Action = "sso.login_failed", TenantId = tenant }, reason, network);
            return ApiResult.Error(error);
        }
    }

    private async Task<Changed<UserLoginAnswer>> BeginAsync(
        System.Data.Common.DbTransaction transaction, Guid tenantId, AdmittedUser admitted, ChangeRequest<UserLoginAnswer> request, CancellationToken cancellationToken)
    {
        await AccountLock.TakeAsync(transaction, AccountOwner.User(admitted.UserId), with: null, cancellationToken);
        var (session, stale) = await sessions.BeginAsync(transaction, admitted.UserId, cancellationToken);
        // It opens this tenant only, and ends with its settings.
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE personal_access_tokens SET tenant_id = @tenantId, expires_at = @end WHERE id = @Id",
            new { tenantId, end = time.GetUtcNow() + SessionLife, session.Id },
            transaction,
            cancellationToken: cancellationToken));
        var user = await User.FindAsync(transaction.Connection!, transaction, admitted.UserId, cancellationToken);
        var tenants = await Memberships.AllAsync(transaction.Connection!, transaction, admitted.UserId, cancellationToken);
        return new Changed<UserLoginAnswer>(new UserLoginAnswer(session.Reveal(), user!.Show(), tenants))
        {
            Stale = [.. stale, .. admitted.Stale],
            Event = (request.Audit with { TenantId = tenantId, ActorType = "user", ActorId = admitted.UserId.ToString() }).About("token", session.Id),
        };
    }

    /// <summary>Does what has to wait for an issuer; <see langword="null"/> when too many wait already.</summary>
    private async Task<T?> WaitAsync<T>(Func<Task<T?>> call)
        where T : class
    {
        try
        {
            return Interlocked.Increment(ref _waiting) <= MostWaiting ? await call() : null;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private sealed record Claim(Outcome<ClaimedUser> Outcome);

    /// <summary>Has the issuer turn the code into a token, and reads it.</summary>
    private async Task<Outcome<ClaimedUser>> ClaimAsync(SignOnSettings settings, BegunSignOn begun, string code, CancellationToken cancellationToken)
    {
        if (await issuers.Of(settings.Issuer).GetAsync(cancellationToken) is not { } keys)
        {
            return IssuerAway;
        }

        string? idToken;
        try
        {
            var form = new List<KeyValuePair<string, string>>
            {
                new("grant_type", "authorization_code"), new("code", code), new("redirect_uri", store.RedirectUri), new("client_id", settings.ClientId), new("code_verifier", begun.Verifier),
            };
            if (await SecretAsync(settings, cancellationToken) is { } secret)
            {
                form.Add(new("client_secret", secret));
            }

            using var answer = JsonDocument.Parse(await documents.PostAsync(keys.Configuration.TokenEndpoint, form, cancellationToken));
            idToken = answer.RootElement.ValueKind == JsonValueKind.Object ? Claims.Texts(answer.RootElement, "id_token").FirstOrDefault() : null;
        }
        catch (HttpRequestException refused) when (refused.StatusCode is { } status && (int)status is >= 400 and < 500)
        {
            return NotConfirmed;
        }
        catch (Exception away) when (away is HttpRequestException or JsonException || (away is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return IssuerAway;
        }

        if (idToken is null || (await verifier.VerifyAsync(idToken, settings.Issuer, [settings.ClientId], cancellationToken)).Token is not { } token
            || Claims.Texts(token.Payload, "nonce").SingleOrDefault() != begun.Nonce)
        {
            return NotConfirmed;
        }

        return settings.RoleOf(token.Payload) is { } role ? ClaimedUsers.Of(token, settings, role) : NoRole;
    }

    private async Task<string?> SecretAsync(SignOnSettings settings, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var row = await SsoRow.FindAsync(connection, null, settings.TenantId, cancellationToken);
        return row?.Version == settings.Version && row.SealedClientSecret is { } secret ? sealer.Open(secret, SealedPurposes.ClientSecret, settings.TenantId) : null;
    }

    private async Task<SignOnSettings?> FindAsync(string condition, string value, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<SignOnSettings?>(new CommandDefinition(
            $"""
            SELECT s.tenant_id, s.version, s.issuer, s.client_id, s.audience, s.role_claim, s.default_role, s.highest_role
            FROM tenant_sso s JOIN tenants t ON t.id = s.tenant_id
            WHERE {condition} AND t.status = '{TenantStatus.Active}'
            """,
            new { value },
            cancellationToken: cancellationToken));
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
}
