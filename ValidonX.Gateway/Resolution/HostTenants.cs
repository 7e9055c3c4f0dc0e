using System.Net;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Tenants;

namespace ValidonX.Gateway.Resolution;

/// <summary>Which tenant the <c>Host</c> of a call names: by subdomain of <see cref="ResolutionOptions.BaseDomain"/>, or by a verified domain.</summary>
internal sealed class HostTenants
{
    private const int MaximumHostLength = 253;

    private readonly CoherentCache<string, HostTenant> _cache;
    private readonly AccountDirectory _directory;
    private readonly LookupLanes _lanes;
    private readonly string? _subdomainsOf;

    public HostTenants(CoherentCaches caches, AccountDirectory directory, LookupLanes lanes, IOptions<ResolutionOptions> options)
    {
        _directory = directory;
        _lanes = lanes;
        _subdomainsOf = options.Value.BaseDomain is { Length: > 0 } domain ? "." + domain.Trim('.').ToLowerInvariant() : null;
        _cache = caches.Create<string, HostTenant>(new CoherentCacheOptions<HostTenant>
        {
            Type = CacheKeys.HostType,
            NegativeCapacity = options.Value.MaximumUnknown,
            NegativeTimeToLive = options.Value.UnknownFor,
            Owner = host => host.TenantId,
        });
    }

    /// <summary>The tenant's id; <see langword="null"/> when the host names none, like the platform's own.</summary>
    public ValueTask<Guid?> FindAsync(HostString host, CancellationToken cancellationToken) => FindAsync(host, null, cancellationToken);

    /// <summary>The same for somebody who has shown nothing: look-ups of invented hosts pass the lane of their sender's address.</summary>
    public async ValueTask<Guid?> FindForStrangerAsync(HostString host, IPAddress address, CancellationToken cancellationToken)
    {
        var found = await FindAsync(host, address, cancellationToken);
        if (found is null)
        {
            _lanes.WasUnknown(address);
        }

        return found;
    }

    private async ValueTask<Guid?> FindAsync(HostString host, IPAddress? stranger, CancellationToken cancellationToken)
    {
        var name = host.Host.TrimEnd('.').ToLowerInvariant();
        if (!name.Contains('.', StringComparison.Ordinal) || name.Length > MaximumHostLength || IPAddress.TryParse(name, out _))
        {
            return null;
        }

        Func<CancellationToken, Task<HostTenant?>> find;
        if (_subdomainsOf is not null && name.EndsWith(_subdomainsOf, StringComparison.Ordinal))
        {
            if (!TenantSlug.TryParse(name[..^_subdomainsOf.Length], out var slug))
            {
                return null;
            }

            find = token => _directory.FindSlugAsync(slug.Value, token);
        }
        else
        {
            find = token => _directory.FindDomainAsync(name, token);
        }

        var found = await _cache.GetAsync(CacheKey.OfPlatform(name), (_, token) => stranger is null ? find(token) : _lanes.RunAsync(stranger, find, token), cancellationToken);
        return found?.TenantId;
    }
}
