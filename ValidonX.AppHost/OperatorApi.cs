using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace ValidonX.AppHost;

/// <summary>
/// The little of the public API that the dashboard's commands need, through the gateway like any other operator. It signs in when there is no
/// token, or none any more, and never for each call: an account may try five times a minute, and who works presses more buttons than that.
/// </summary>
/// <param name="http">Calls the gateway.</param>
/// <param name="gateway">Where the gateway is, asked for each call: it may have been restarted elsewhere.</param>
/// <param name="email">The operator's.</param>
/// <param name="password">Gives the operator's.</param>
internal sealed class OperatorApi(HttpClient http, Func<Uri> gateway, string email, Func<CancellationToken, ValueTask<string?>> password)
{
    private readonly Lock _turn = new();
    private Task<string>? _session;

    /// <summary>Finds a tenant by its id or its slug.</summary>
    /// <exception cref="HttpRequestException">There is none.</exception>
    public async Task<JsonNode> TenantAsync(string idOrSlug, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(idOrSlug, out var id))
            return await GetAsync($"/v1/admin/tenants/{id}", cancellationToken);

        var found = (await GetAsync($"/v1/admin/tenants?search={Uri.EscapeDataString(idOrSlug)}", cancellationToken)).AsArray();
        var tenant = found.FirstOrDefault(tenant => (string?)tenant!["slug"] == idOrSlug)
            ?? throw new HttpRequestException($"There is no tenant '{idOrSlug}'.");
        return await GetAsync($"/v1/admin/tenants/{(string)tenant["id"]!}", cancellationToken);
    }

    /// <summary>Reads.</summary>
    /// <exception cref="HttpRequestException">The gateway refuses or is not there.</exception>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => CallAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Writes.</summary>
    /// <exception cref="HttpRequestException">The gateway refuses or is not there.</exception>
    public Task<JsonNode> PostAsync(string path, JsonObject? body, CancellationToken cancellationToken) => CallAsync(HttpMethod.Post, path, body, cancellationToken);

    private async Task<JsonNode> CallAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        var token = await TokenAsync(refused: null, cancellationToken);
        var answer = await SendAsync(method, path, token, body, cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized)
            answer = await SendAsync(method, path, await TokenAsync(refused: token, cancellationToken), body, cancellationToken);
        return answer.Data();
    }

    /// <summary>A token other than the one that was refused. Commands that need one at once share one sign-in, which none of them can cancel for the others.</summary>
    private Task<string> TokenAsync(string? refused, CancellationToken cancellationToken)
    {
        lock (_turn)
        {
            if (_session is null or { IsCompleted: true, IsCompletedSuccessfully: false } || (_session.IsCompleted && _session.Result == refused))
                _session = Task.Run(SignInAsync, CancellationToken.None);

            return _session.WaitAsync(cancellationToken);
        }
    }

    private async Task<string> SignInAsync()
    {
        var credentials = new JsonObject { ["email"] = email, ["password"] = await password(CancellationToken.None) };
        return (string)(await SendAsync(HttpMethod.Post, "/auth/login", null, credentials, CancellationToken.None)).Data()["token"]!;
    }

    private async Task<Answer> SendAsync(HttpMethod method, string path, string? token, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(gateway(), path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = JsonContent.Create(body);

        using var response = await http.SendAsync(request, cancellationToken);
        return new Answer(response.StatusCode, await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken));
    }

    private sealed record Answer(HttpStatusCode Status, JsonObject? Envelope)
    {
        public JsonNode Data() => (int)Status is >= 200 and < 300
            ? Envelope!["data"]!
            : throw new HttpRequestException($"{(int)Status}: {Envelope?["error"]?["message"]}");
    }
}
