using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace ValidonX.Demo;

/// <summary>The little of the public API that the demo needs, through the gateway like any other caller.</summary>
internal sealed class PlatformClient(HttpClient http)
{
    /// <summary>Logs an operator in; gives the bearer token.</summary>
    public async Task<string> LoginAsync(string email, string password) =>
        (string)(await SendAsync(HttpMethod.Post, "/auth/login", null, new JsonObject { ["email"] = email, ["password"] = password }))["token"]!;

    /// <summary>Finds a tenant by its slug, or gives null.</summary>
    public async Task<JsonObject?> FindTenantAsync(string token, string slug) =>
        (await SendAsync(HttpMethod.Get, $"/v1/admin/tenants?search={Uri.EscapeDataString(slug)}", token)).AsArray()
            .Select(item => item!.AsObject())
            .FirstOrDefault(tenant => (string?)tenant["slug"] == slug);

    /// <summary>Creates a tenant, whose provisioning then begins.</summary>
    public async Task<JsonObject> CreateTenantAsync(string token, JsonObject tenant) =>
        (await SendAsync(HttpMethod.Post, "/v1/admin/tenants", token, tenant.DeepClone()))["tenant"]!.AsObject();

    /// <summary>Waits until a tenant's provisioning has ended.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public async Task WaitUntilProvisionedAsync(string token, string tenantId)
    {
        while (true)
        {
            var answer = await SendAsync(HttpMethod.Get, $"/v1/admin/tenants/{tenantId}", token);
            switch ((string?)answer["run"]!["status"])
            {
                case "succeeded":
                    return;
                case "failed":
                    throw new InvalidOperationException($"The provisioning failed: {answer["run"]}");
                default:
                    await Task.Delay(TimeSpan.FromMilliseconds(50));
                    break;
            }
        }
    }

    /// <summary>Takes the first API key and the owner's token, which the platform shows once; null when it has shown them.</summary>
    public async Task<(string ApiKey, string BearerToken)?> RevealAsync(string token, string tenantId)
    {
        try
        {
            var answer = await SendAsync(HttpMethod.Post, $"/v1/admin/tenants/{tenantId}/api-key/reveal", token);
            return ((string)answer["api_key"]!, (string)answer["bearer_token"]!);
        }
        catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.Conflict)
        {
            return null;
        }
    }

    /// <summary>
    /// Creates the products and licenses of a catalogue. Every write has an idempotency key of its own, so that filling again
    /// after an interruption creates nothing twice.
    /// </summary>
    public async Task FillAsync(string token, Catalogue catalogue)
    {
        var products = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var product in catalogue.Products)
        {
            var code = (string)product["code"]!;
            var answer = await SendAsync(HttpMethod.Post, "/v1/tenant/products", token, product.DeepClone(), $"demo-product-{code}");
            products[code] = (string)answer["product"]!["id"]!;
        }

        // The day, not the second: a second try must send the same request.
        var today = DateTime.UtcNow.Date;
        var licenses = catalogue.Licenses.SelectMany((series, i) => series.AllKeys.Select((key, n) => (Series: series, Key: key, Name: $"{i}-{n}")));
        await Parallel.ForEachAsync(licenses, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (license, _) =>
        {
            var (series, key, name) = license;
            var body = new JsonObject
            {
                ["key"] = key,
                ["type"] = series.Type,
                ["product_id"] = products[series.Product],
                ["expires_at"] = series.ExpiresInDays is { } days ? today.AddDays(days).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) : null,
                ["grace_days"] = series.GraceDays,
                ["entitlements"] = series.Entitlements?.DeepClone(),
                ["customer"] = series.Customer?.DeepClone(),
            };
            var answer = await SendAsync(HttpMethod.Post, "/v1/tenant/licenses", token, body, $"demo-license-{name}");
            var change = series.State switch { "suspended" => "suspend", "revoked" => "revoke", _ => null };
            if (change is not null)
            {
                await SendAsync(HttpMethod.Post, $"/v1/tenant/licenses/{(string)answer["license"]!["id"]!}/{change}", token, null, $"demo-{change}-{name}");
            }
        });
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? token, JsonNode? body = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>()
            ?? throw new InvalidOperationException($"{method} {path} answered nothing.");
        return response.IsSuccessStatusCode
            ? answer["data"]!
            : throw new HttpRequestException($"{method} {path} answered {(int)response.StatusCode}: {answer["error"]}", inner: null, response.StatusCode);
    }
}
