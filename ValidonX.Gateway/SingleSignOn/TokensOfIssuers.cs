using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Resolution;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.Gateway.SingleSignOn;

/// <summary>
/// From a token of an issuer to what it proves. What strangers can send at will costs little: a token of an issuer that nobody has configured is refused by a look into
/// memory, one that only claims to be a known issuer's by a signature that does not match.
/// </summary>
internal sealed class TokensOfIssuers
{
    private readonly CoherentCache<string, ConfiguredIssuers> _issuers;
    private readonly CoherentCache<string, TenantsOfIssuer> _tenants;
    private readonly CoherentCache<SubjectKey, KnownSubject> _subjects;
    private readonly VerifiedTokens _verified = new();
    private readonly SignOnDirectory _directory;
    private readonly Issuers _keys;
    private readonly TokenVerifier _verifier;
    private readonly SingleSignOnMetrics _metrics;
    private readonly CountedAudit _audit;
    private readonly TimeProvider _time;

    public TokensOfIssuers(
        CoherentCaches caches,
        SignOnDirectory directory,
        Issuers keys,
        TokenVerifier verifier,
        SingleSignOnMetrics metrics,
        CountedAudit audit,
        TimeProvider time,
        IOptions<ResolutionOptions> options)
    {
        (_directory, _keys, _verifier, _metrics, _audit, _time) = (directory, keys, verifier, metrics, audit, time);
        _issuers = caches.Create<string, ConfiguredIssuers>(new CoherentCacheOptions<ConfiguredIssuers> { Type = CacheKeys.IssuersType });
        _tenants = caches.Create<string, TenantsOfIssuer>(new CoherentCacheOptions<TenantsOfIssuer> { Type = CacheKeys.SignOnType });
        _subjects = caches.Create<SubjectKey, KnownSubject>(new CoherentCacheOptions<KnownSubject>
        {
            Type = CacheKeys.SubjectType,
            Capacity = options.Value.MaximumKeys,
            NegativeCapacity = options.Value.MaximumUnknown,
            NegativeTimeToLive = options.Value.UnknownFor,
        });
    }

    /// <summary>The token, checked.</summary>
    /// <param name="text">The token; it has the shape of one.</param>
    /// <param name="context">The request that brought it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">401: it is not good. 503: its issuer is away, and nothing can be said about it.</exception>
    public async ValueTask<RememberedToken> CheckAsync(string text, HttpContext context, CancellationToken cancellationToken)
    {
        var name = VerifiedTokens.NameOf(text);
        if (_verified.Find(name) is { } known && await IsStillGoodAsync(known, cancellationToken))
        {
            return known;
        }

        if (TokenVerifier.ClaimedIssuer(text) is not { } issuer || !(await IssuersAsync(cancellationToken)).Contains(issuer) || await TenantsAsync(issuer, cancellationToken) is not { } tenants)
        {
            throw new ApiException(ApiErrors.Unauthenticated);
        }

        var verdict = await _verifier.VerifyAsync(text, issuer, tenants.Audiences, cancellationToken);
        _metrics.Checked(verdict.Reason);
        if (verdict.Token is not { } token)
        {
            _audit.Note(Refused(tenants, context), verdict.Reason, ClientNetwork.Of(ClientAddress.Of(context)));
            throw new ApiException(verdict.Reason == TokenVerdict.IssuerAway ? IssuerAway : ApiErrors.Unauthenticated);
        }

        var remembered = new RememberedToken(token, issuer, tenants);
        _verified.Keep(name, remembered);
        return remembered;
    }

    /// <summary>The user whom the subject has become in a tenant, if it has.</summary>
    public ValueTask<KnownSubject?> FindUserAsync(TokenInTenant tenant, CancellationToken cancellationToken) =>
        _subjects.GetAsync(CacheKey.OfPlatform(tenant.Key), (key, token) => _directory.FindSubjectAsync(key.Id, token), cancellationToken);

    private static ApiError IssuerAway { get; } =
        ApiErrors.Unavailable with { Message = "The issuer of the token cannot be reached, so the token cannot be checked; try again.", RetryAfterSeconds = 30 };

    private async ValueTask<bool> IsStillGoodAsync(RememberedToken token, CancellationToken cancellationToken) =>
        _time.GetUtcNow() < token.EndsAt
        && ReferenceEquals(token.CheckedFor, await TenantsAsync(token.Issuer, cancellationToken))
        && ReferenceEquals(token.SignedWith, await _keys.Of(token.Issuer).GetAsync(cancellationToken));

    private async ValueTask<IReadOnlySet<string>> IssuersAsync(CancellationToken cancellationToken) =>
        (await _issuers.GetAsync(CacheKey.OfPlatform(CacheKeys.AllIssuers), (_, token) => _directory.FindIssuersAsync(token), cancellationToken))!.Issuers;

    private ValueTask<TenantsOfIssuer?> TenantsAsync(string issuer, CancellationToken cancellationToken) =>
        _tenants.GetAsync(CacheKey.OfPlatform(issuer), (key, token) => _directory.FindTenantsAsync(key.Id, token), cancellationToken);

    /// <summary>Told to the tenant when the issuer is one tenant's alone; whose it is otherwise nobody can say.</summary>
    private static AuditEvent Refused(TenantsOfIssuer tenants, HttpContext context) =>
        new("sso.token_refused", tenants.Settings is [{ } only] ? only.TenantId : null) { RequestId = RequestIds.Of(context), SubjectType = "sso" };
}
