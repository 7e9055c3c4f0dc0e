using System.Net;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Gateway.Admission;
using ValidonX.Gateway.Limits;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Keys;

namespace ValidonX.Gateway.Resolution;

/// <summary>
/// From an API key to everything about it: HMAC, then process memory, then the platform database. Unknown keys are remembered too.
/// </summary>
internal sealed class ApiKeyResolver
{
    private readonly ApiKeyHasher _hasher;
    private readonly CoherentCache<ApiKeyHash, ResolvedKey> _cache;
    private readonly ApiKeyDirectory _directory;
    private readonly LookupLanes _lanes;
    private readonly Func<ApiKeyRecord, ResolvedKey> _resolve;

    public ApiKeyResolver(
        ApiKeyHasher hasher,
        CoherentCaches caches,
        ApiKeyDirectory directory,
        LookupLanes lanes,
        CallPolicies policies,
        CallerContextSigner signer,
        TenantGates gates,
        TimeProvider time,
        IOptions<ResolutionOptions> options)
    {
        (_hasher, _directory, _lanes) = (hasher, directory, lanes);
        _resolve = record => new ResolvedKey(record, policies, signer, gates, time);
        _cache = caches.Create<ApiKeyHash, ResolvedKey>(new CoherentCacheOptions<ResolvedKey>
        {
            Type = CacheKeys.ApiKeyType,
            Capacity = options.Value.MaximumKeys,
            NegativeCapacity = options.Value.MaximumUnknown,
            NegativeTimeToLive = options.Value.UnknownFor,
            Owner = key => key.Record.Tenant.Id,
        });
    }

    /// <summary>
    /// Looks into process memory only. True when the answer is there: the key, or <see langword="null"/> when it is malformed or known not
    /// to exist.
    /// </summary>
    /// <param name="text">The header's value.</param>
    /// <param name="hash">The key's hash, when the answer is not there.</param>
    /// <param name="key">The answer.</param>
    public bool TryResolve(string? text, out ApiKeyHash hash, out ResolvedKey? key)
    {
        if (!ApiKeyText.IsWellFormed(text))
        {
            hash = default;
            key = null;
            return true;
        }

        Span<byte> bytes = stackalloc byte[ApiKeyHasher.Size];
        _hasher.Hash(text, bytes);
        hash = new ApiKeyHash(bytes);
        return _cache.TryGet(CacheKey.OfPlatform(hash), out key);
    }

    /// <summary>Looks further: concurrent callers of one key share one look-up.</summary>
    /// <exception cref="Platform.Api.ApiException">503: too many look-ups wait already.</exception>
    public async ValueTask<ResolvedKey?> ResolveAsync(ApiKeyHash hash, IPAddress client, CancellationToken cancellationToken)
    {
        var key = await _cache.GetAsync(CacheKey.OfPlatform(hash), (_, token) => LoadAsync(hash, client, token), cancellationToken);
        if (key is null)
        {
            _lanes.WasUnknown(client);
        }

        return key;
    }

    /// <summary>What strangers invent reaches the database no faster than the lanes let it.</summary>
    private async Task<ResolvedKey?> LoadAsync(ApiKeyHash hash, IPAddress client, CancellationToken cancellationToken)
    {
        var record = await _lanes.RunAsync(client, token => _directory.FindAsync(hash, token), cancellationToken);
        return record is null ? null : _resolve(record);
    }
}
