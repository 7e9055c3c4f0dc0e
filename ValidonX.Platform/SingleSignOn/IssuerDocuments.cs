using System.Net;
using Microsoft.IdentityModel.Protocols;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Outbound;

namespace ValidonX.Platform.SingleSignOn;

/// <summary>
/// Calls issuers, whose addresses tenants choose: only hosts of the internet, over TLS, without redirects, with bounds on time and size.
/// </summary>
public sealed class IssuerDocuments : IDocumentRetriever, IDisposable
{
    /// <summary>Largest document; the largest known lists of keys have some dozens of kilobytes.</summary>
    private const int MaximumBytes = 256 * 1024;

    private readonly GuardedConnections _connections;
    private readonly HttpClient _client;

    public IssuerDocuments(HostLookup lookup, IOptions<SingleSignOnOptions> options)
    {
        _connections = new GuardedConnections(lookup, options.Value.AllowLoopback);
        _client = new HttpClient(_connections.CreateHandler()) { Timeout = options.Value.FetchTimeout, MaxResponseContentBufferSize = MaximumBytes };
    }

    /// <summary>Fetches a document.</summary>
    /// <exception cref="HttpRequestException">It is not there, too large, or nowhere we may go.</exception>
    /// <exception cref="TaskCanceledException">It took too long.</exception>
    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Checked(address));
        request.Headers.Accept.ParseAdd("application/json");
        return await SendAsync(request, cancel);
    }

    /// <summary>Posts a form.</summary>
    /// <exception cref="HttpRequestException">It was refused, its answer is too large, or it is nowhere we may go.</exception>
    /// <exception cref="TaskCanceledException">It took too long.</exception>
    public async Task<string> PostAsync(string address, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Checked(address)) { Content = new FormUrlEncodedContent(form) };
        return await SendAsync(request, cancellationToken);
    }

    /// <summary>Posts a form, and gives the answer whether it is a success or not.</summary>
    /// <exception cref="HttpRequestException">There is no answer, it is too large, or it is nowhere we may go.</exception>
    /// <exception cref="TaskCanceledException">It took too long.</exception>
    public async Task<(HttpStatusCode Status, string Text)> AskAsync(string address, IEnumerable<KeyValuePair<string, string>> form, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Checked(address)) { Content = new FormUrlEncodedContent(form) };
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    /// <summary>Whether an issuer's page may be where we send somebody's browser.</summary>
    public bool Allows(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && _connections.Allows(uri);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private Uri Checked(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && _connections.Allows(uri) ? uri : throw new HttpRequestException("The address is not one that may be called.");

    private async Task<string> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsStringAsync(cancellationToken)
            : throw new HttpRequestException(HttpRequestError.InvalidResponse, "The answer was no success.", null, response.StatusCode);
    }
}
