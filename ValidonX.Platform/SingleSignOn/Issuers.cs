using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>The issuers that tenants have configured, with their keys. Ask only for such: each costs memory and, once in a while, a call.</summary>
public sealed class Issuers(IssuerDocuments documents, IOptions<SingleSignOnOptions> options, SingleSignOnMetrics metrics, TimeProvider time, ILogger<Issuers> logger)
{
    /// <summary>More than there are tenants with sign-on of their own on one platform; beyond, those nobody asked for lately are not told from others and all begin anew.</summary>
    private const int Most = 20_000;

    private readonly ConcurrentDictionary<string, IssuerKeys> _all = new(StringComparer.Ordinal);

    /// <summary>The keys of an issuer.</summary>
    public IssuerKeys Of(string issuer)
    {
        if (_all.TryGetValue(issuer, out var known))
        {
            return known;
        }

        if (_all.Count >= Most)
        {
            _all.Clear();
        }

        return _all.GetOrAdd(issuer, name => new IssuerKeys(name, documents, options.Value, metrics, time, logger));
    }
}
