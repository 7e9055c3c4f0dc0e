using System.Collections.Concurrent;
using System.Net.Sockets;
using DnsClient;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Domains;

/// <summary>What the DNS said.</summary>
/// <param name="HasAnswered">Whether it said anything; that there is no such name is an answer.</param>
/// <param name="Texts">The texts of the records, each put together, the first few.</param>
internal sealed record FoundRecords(bool HasAnswered, IReadOnlyList<string> Texts);

/// <summary>
/// Looks TXT records up, anew each time: whoever has just set one waits for it. It asks the configured name servers and nobody whom a tenant could name, takes a bounded time, and few
/// at once do so, of a tenant one: a tenant whose own name servers are slow holds up itself.
/// </summary>
internal sealed partial class RecordLookup(IOptions<DomainOptions> options, ILogger<RecordLookup> logger) : IDisposable
{
    /// <summary>Most texts that are told, and most characters of each.</summary>
    private const int MostTexts = 10;

    private const int LongestText = 300;

    private readonly SemaphoreSlim _places = new(options.Value.ConcurrentLookups);

    // Whoever looks up holds its tenant's place, and whose place it was is forgotten when it is given back.
    private readonly ConcurrentDictionary<Guid, byte> _tenants = new();

    // Made at the first look-up: where the machine's own name servers are asked for, they are read then, and an installation that never looks up needs none.
    private readonly Lazy<LookupClient> _client = new(() => new LookupClient(Settings(options.Value)));

    /// <summary>429: the tenant has a look-up under way.</summary>
    public static ApiError OneAtATime { get; } = ApiErrors.RateLimitExceeded with { Message = "Another of the tenant's hosts is being looked up: one at a time.", RetryAfterSeconds = 5 };

    /// <summary>The texts under a name; refused while the tenant, or too many tenants, look up.</summary>
    public async Task<Outcome<FoundRecords>> FindAsync(Guid tenantId, string name, CancellationToken cancellationToken)
    {
        if (!_tenants.TryAdd(tenantId, 0))
        {
            return OneAtATime;
        }

        try
        {
            if (!await _places.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                return ApiErrors.Unavailable;
            }

            try
            {
                return await AskAsync(name, cancellationToken);
            }
            finally
            {
                _places.Release();
            }
        }
        finally
        {
            _tenants.TryRemove(tenantId, out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<FoundRecords> AskAsync(string name, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Value.LookupTimeout);
        try
        {
            var answer = await _client.Value.QueryAsync(name, QueryType.TXT, cancellationToken: patience.Token);
            return answer.HasError && answer.Header.ResponseCode != DnsHeaderResponseCode.NotExistentDomain
                ? Unanswered(name, answer.ErrorMessage)
                : new FoundRecords(true, [.. answer.Answers.TxtRecords().Take(MostTexts).Select(record => Whole(record.Text))]);
        }
        catch (Exception failed) when (failed is DnsResponseException or SocketException or InvalidOperationException
            || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Unanswered(name, failed.Message);
        }
    }

    /// <summary>A text is sent in pieces of up to 255 bytes (RFC 1035 §3.3.14), which belong together.</summary>
    private static string Whole(IEnumerable<string> pieces) => string.Concat(pieces) is var text && text.Length <= LongestText ? text : text[..LongestText];

    private FoundRecords Unanswered(string name, string why)
    {
        Log.Unanswered(logger, name, why);
        return new FoundRecords(false, []);
    }

    private static LookupClientOptions Settings(DomainOptions options)
    {
        var servers = options.Endpoints();
        var settings = servers.Count == 0 ? new LookupClientOptions() : new LookupClientOptions([.. servers]);
        settings.UseCache = false;
        settings.Timeout = options.LookupTimeout;
        settings.Retries = 1;
        settings.ThrowDnsErrors = false;
        settings.ContinueOnDnsError = true;
        return settings;
    }

    private static partial class Log
    {
        [LoggerMessage(2701, LogLevel.Warning, "The name servers did not answer for '{Name}': {Why}. See Domains:NameServers.")]
        public static partial void Unanswered(ILogger logger, string name, string why);
    }
}
