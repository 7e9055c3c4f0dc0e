using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>
/// The keys of one issuer. They are fetched when somebody needs them, again in the background when they are no longer fresh, and at once when a token names
/// one that is not among them; never more often than once in a pause, so that invented keys cannot make us hammer the issuer. While the issuer is away
/// the last ones do, for a time.
/// </summary>
public sealed partial class IssuerKeys(string issuer, IssuerDocuments documents, SingleSignOnOptions options, SingleSignOnMetrics metrics, TimeProvider time, ILogger<Issuers> logger)
{
    private readonly Lock _gate = new();
    private IssuerKeySet? _current;
    private Task? _fetch;
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;
    private int _waiting;

    /// <summary>The keys that are used now, without waiting for any; <see langword="null"/> when there are none, or too old ones.</summary>
    public IssuerKeySet? Current => Volatile.Read(ref _current) is { } set && time.GetUtcNow() - set.FetchedAt < options.KeysUsableFor ? set : null;

    /// <summary>The keys, fetched if need be; <see langword="null"/> when the issuer is away and there are none that may still be used.</summary>
    public async ValueTask<IssuerKeySet?> GetAsync(CancellationToken cancellationToken)
    {
        if (Current is { } set)
        {
            if (time.GetUtcNow() - set.FetchedAt > options.KeysFreshFor)
            {
                _ = TryBegin();
            }

            return set;
        }

        await WaitAsync(TryBegin(), cancellationToken);
        return Current;
    }

    /// <summary>Newer keys than these, of which a token's is none; <see langword="null"/> when there are no newer ones, or it is too early to ask again.</summary>
    public async ValueTask<IssuerKeySet?> GetNewerAsync(IssuerKeySet than, CancellationToken cancellationToken)
    {
        if (Current is { } newer && !ReferenceEquals(newer, than))
        {
            return newer;
        }

        await WaitAsync(TryBegin(), cancellationToken);
        return Current is { } fetched && !ReferenceEquals(fetched, than) ? fetched : null;
    }

    /// <summary>The fetch that is going on, or a new one if it is time; else <see langword="null"/>.</summary>
    private Task? TryBegin()
    {
        lock (_gate)
        {
            if (_fetch is { IsCompleted: false })
            {
                return _fetch;
            }

            var now = time.GetUtcNow();
            if (now < _notBefore)
            {
                return null;
            }

            _notBefore = now + options.FetchPause;
            return _fetch = Task.Run(FetchAsync);
        }
    }

    private async Task WaitAsync(Task? fetch, CancellationToken cancellationToken)
    {
        if (fetch is null)
        {
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) <= options.MostWaiting)
            {
                await fetch.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task FetchAsync()
    {
        try
        {
            var asked = time.GetUtcNow();
            var configuration = await OpenIdConnectConfigurationRetriever.GetAsync(IssuerAddress.DiscoveryOf(issuer).AbsoluteUri, documents, CancellationToken.None);
            if (configuration.Issuer != issuer)
            {
                // Discovery §4.3: else one issuer could answer for another.
                throw new HttpRequestException("The discovery document is another issuer's.");
            }

            var set = new IssuerKeySet(configuration, asked);
            if (set.Keys.Count == 0)
            {
                throw new HttpRequestException("The issuer has no key that may be used.");
            }

            Volatile.Write(ref _current, set);
            metrics.Fetched(isSuccess: true);
        }
        catch (Exception away)
        {
            // Whatever a stranger's server does: timeouts, refusals, documents that are none.
            metrics.Fetched(isSuccess: false);
            Log.Away(logger, new Uri(issuer).Host, away.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The keys of the issuer at {Host} cannot be fetched; the last ones are used as long as they may be. {Reason}")]
        public static partial void Away(ILogger logger, string host, string reason);
    }
}
