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
/// at once do so.
/// </summary>
internal sealed partial class RecordLookup(IOptions<DomainOptions> options, ILogger<RecordLookup> logger) : IDisposable
{
    /// <summary>Most texts that are told, and most characters of each.</summary>
    private const int MostTexts = 10;

    private const int LongestText = 300;

    private readonly SemaphoreSlim _places = new(options.Value.ConcurrentLookups);

    // Made at the first look-up: where the machine's own name servers are asked for, they are read then, and an installation that never looks up needs none.
    private readonly Lazy<LookupClient> _client = new(() => new LookupClient(Settings(options.Value)));

    /// <summary>The texts under a name.</summary>
    /// <exception cref="ApiException">503: too many look up at the moment.</exception>
    public async Task<FoundRecords> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(TimeSpan.Zero, cancellationToken))
        {
            throw new ApiException(ApiErrors.Unavailable);
        }

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
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

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
