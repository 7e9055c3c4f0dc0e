using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using ValidonX.Portal.Customers;
using ValidonX.Portal.Session;

namespace ValidonX.Portal.Gateway;

/// <summary>The public API, called through the gateway with the token of whoever looks.</summary>
internal sealed class GatewayApi(GatewayConnections gateway, IHttpContextAccessor accessor)
{
    private const string InProgress = "IDEMPOTENCY.IN_PROGRESS";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // A file comes as fast as its reader's line, and is answered when its last row is there.
    private static readonly TimeSpan UploadPatience = TimeSpan.FromMinutes(15);

    /// <summary>How the API writes: snake case, enums as words, what is null left out.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Reads something.</summary>
    /// <param name="path">The path with its query.</param>
    public Task<Answer<T>> GetAsync<T>(string path) => SendAsync<T>(HttpMethod.Get, path, null);

    /// <summary>Does something. With the same <paramref name="once"/> it is done once, however often it is asked for.</summary>
    /// <param name="path">The path.</param>
    /// <param name="body">The body.</param>
    /// <param name="once">An idempotency key.</param>
    public Task<Answer<T>> PostAsync<T>(string path, object? body = null, string? once = null) =>
        SendOnceAsync(once, () => SendAsync<T>(HttpMethod.Post, path, body is null ? null : JsonContent.Create(body, options: Json), once));

    /// <summary>Replaces something.</summary>
    /// <param name="path">The path.</param>
    /// <param name="body">The body.</param>
    /// <param name="version">The ETag of what the change was made to, where two people may be at it.</param>
    public Task<Answer<T>> PutAsync<T>(string path, object body, string? version = null) => SendAsync<T>(HttpMethod.Put, path, JsonContent.Create(body, options: Json), null, version);

    /// <summary>Changes something in part.</summary>
    public Task<Answer<T>> PatchAsync<T>(string path, object body, string? once = null) =>
        SendOnceAsync(once, () => SendAsync<T>(HttpMethod.Patch, path, JsonContent.Create(body, options: Json), once));

    /// <summary>Removes something.</summary>
    public Task<Answer<T>> DeleteAsync<T>(string path, string? once = null) => SendOnceAsync(once, () => SendAsync<T>(HttpMethod.Delete, path, null, once));

    /// <summary>Removes something that only who proves who they are may remove.</summary>
    public Task<Answer<T>> DeleteWithAsync<T>(string path, object proof) => SendAsync<T>(HttpMethod.Delete, path, JsonContent.Create(proof, options: Json));

    /// <summary>Sends a body as it is, such as an uploaded file.</summary>
    public Task<Answer<T>> UploadAsync<T>(string path, Stream body, string mediaType, string once) =>
        SendAsync<T>(HttpMethod.Post, path, new StreamContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } }, once, patience: UploadPatience);

    /// <summary>Puts a file in the place of the one that is there.</summary>
    public Task<Answer<T>> PutFileAsync<T>(string path, Stream file) =>
        SendAsync<T>(HttpMethod.Put, path, new StreamContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } });

    /// <summary>Asks for a file, and gives the answer as it comes; 503 where the gateway is away.</summary>
    public async Task<HttpResponseMessage> DownloadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await gateway.Http.SendAsync(Request(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException)
        {
            return new(HttpStatusCode.ServiceUnavailable);
        }
    }

    /// <summary>A button is pressed twice faster than it is answered: the second waits for what the first comes to, and shows that.</summary>
    private static async Task<Answer<T>> SendOnceAsync<T>(string? once, Func<Task<Answer<T>>> sendAsync)
    {
        var begun = Stopwatch.GetTimestamp();
        var answer = await sendAsync();
        while (once is not null && answer.Problem?.Code == InProgress && Stopwatch.GetElapsedTime(begun) < Patience)
        {
            await Task.Delay(Pause);
            answer = await sendAsync();
        }

        return answer;
    }

    private async Task<Answer<T>> SendAsync<T>(HttpMethod method, string path, HttpContent? body, string? once = null, string? version = null, TimeSpan? patience = null)
    {
        using var request = Request(method, path);
        request.Content = body;
        if (once is not null)
        {
            request.Headers.Add("Idempotency-Key", once);
        }

        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        try
        {
            // A change that has been sent is not called back because the reader went on to another page.
            using var patient = CancellationTokenSource.CreateLinkedTokenSource(method == HttpMethod.Get ? Aborted : CancellationToken.None);
            patient.CancelAfter(patience ?? Patience);
            using var response = await gateway.Http.SendAsync(request, patient.Token);
            if (!response.IsSuccessStatusCode)
            {
                return new(default, Problem: await ProblemAsync(response));
            }

            if (response.StatusCode == System.Net.HttpStatusCode.NoContent)
            {
                return new(default);
            }

            var envelope = await response.Content.ReadFromJsonAsync<Envelope<T>>(Json);
            return new(envelope!.Data, envelope.Meta?.NextCursor, Version: response.Headers.ETag?.ToString());
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException)
        {
            return new(default, Problem: Problem.Unreachable);
        }
    }

    private CancellationToken Aborted => accessor.HttpContext?.RequestAborted ?? CancellationToken.None;

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        if (accessor.HttpContext is { } context)
        {
            if (TenantSite.Of(context) is { } site)
            {
                // Whose customer calls, the gateway tells by the host alone.
                request.Headers.Host = site.Host;
                if (site.Token is not null)
                {
                    request.Headers.Add("X-Customer-Token", site.Token);
                }
            }
            else if (Who.Of(context.User) is { } who)
            {
                request.Headers.Authorization = new("Bearer", who.Token);
                if (who.TenantId is not null && path.StartsWith("/v1/", StringComparison.Ordinal))
                {
                    request.Headers.Add("X-Tenant-ID", who.TenantId);
                }
            }

            // Believed where the gateway has been told to trust the portal's network; limits of addresses are then those of the people.
            if (context.Connection.RemoteIpAddress is { } address)
            {
                request.Headers.Add("X-Forwarded-For", address.ToString());
            }
        }

        return request;
    }

    private static async Task<Problem> ProblemAsync(HttpResponseMessage response)
    {
        try
        {
            using var json = await response.Content.ReadFromJsonAsync<JsonDocument>();
            var error = json!.RootElement.GetProperty("error");
            var fields = new Dictionary<string, string>();
            if (error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object)
            {
                foreach (var field in details.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Array))
                {
                    fields[field.Name] = string.Join(' ', field.Value.EnumerateArray().Select(sentence => sentence.ToString()));
                }
            }

            return new((int)response.StatusCode, error.GetProperty("code").GetString() ?? "", error.GetProperty("message").GetString() ?? "", RequestId(response)) { Fields = fields };
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return Problem.Unreachable with { Status = (int)response.StatusCode, RequestId = RequestId(response) };
        }
    }

    private static string? RequestId(HttpResponseMessage response) => response.Headers.TryGetValues("X-Request-ID", out var values) ? values.First() : null;

    private sealed record Envelope<TData>(TData? Data, Meta? Meta);

    private sealed record Meta(string? NextCursor);
}
