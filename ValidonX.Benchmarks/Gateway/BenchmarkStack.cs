using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace ValidonX.Benchmarks.Gateway;

/// <summary>The real stack, as <c>AppHost.cs</c> describes it, with one gateway and one licensing API, and an operator logged in.</summary>
internal sealed class BenchmarkStack : IAsyncDisposable
{
    /// <summary>Whom the stack begins with.</summary>
    public const string OperatorEmail = "admin@validonx.local";

    /// <summary>Makes a stack as developers have it; an argument of <see cref="StartAsync"/>.</summary>
    public const string Development = "--environment=Development";

    /// <summary>The password of whom a development stack begins with.</summary>
    public const string DevelopmentPassword = "validonx-dev-only";

    private const string OperatorPassword = "benchmark-operator-only";

    // As it runs in production: in development the framework puts a page for exceptions around every request. What services and servers write would
    // stand between the tables.
    private static readonly string[] Defaults =
    [
        "--environment=Production", "--Stack:LicensingApiReplicas=1", $"--Parameters:operator-password={OperatorPassword}",
        "--Logging:LogLevel:Default=Warning", "--Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks=None", "--Logging:LogLevel:ValidonX.AppHost.Resources=None",
    ];

    // Outside development nothing is made up.
    private static readonly string[] Secrets =
    [
        "mysql-password", "service-database-password", "gateway-database-password", "api-database-password", "redis-password",
        "api-key-pepper", "context-signing-key", "data-encryption-key",
    ];

    private readonly DistributedApplication _app;
    private readonly HttpClient _operator;

    private BenchmarkStack(DistributedApplication app, HttpClient @operator)
    {
        _app = app;
        _operator = @operator;
    }

    /// <summary>The gateway's port.</summary>
    public int GatewayPort => _operator.BaseAddress!.Port;

    /// <summary>Starts it, and waits until the gateway is ready.</summary>
    /// <param name="settings">Further settings of the AppHost, as arguments.</param>
    public static async Task<BenchmarkStack> StartAsync(params string[] settings)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ValidonX_AppHost>(
            [.. Defaults, .. Secrets.Select(name => $"--Parameters:{name}={RandomNumberGenerator.GetHexString(64)}"), .. settings],
            CancellationToken.None);
        var app = await builder.BuildAsync(CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(3));
        var client = app.CreateHttpClient("gateway");
        var stack = new BenchmarkStack(app, client);
        var password = settings.Contains(Development) ? DevelopmentPassword : OperatorPassword;
        var login = await stack.SendAsync(HttpMethod.Post, "/auth/login", null, new JsonObject { ["email"] = OperatorEmail, ["password"] = password });
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)login["token"]!);
        return stack;
    }

    /// <summary>A connection string, for counting at the servers.</summary>
    public async Task<string> ConnectionStringAsync(string resource) =>
        await _app.GetConnectionStringAsync(resource, CancellationToken.None) ?? throw new InvalidOperationException($"'{resource}' has no connection string.");

    /// <summary>The process of a resource; none when it runs in a container.</summary>
    public async Task<int?> ProcessIdAsync(string resource)
    {
        var latest = await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, CancellationToken.None);
        return latest.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value as int?;
    }

    /// <summary>Stops or starts a resource.</summary>
    public async Task CommandAsync(string resource, string command)
    {
        var result = await _app.ResourceCommands.ExecuteCommandAsync(resource, command);
        if (!result.Success)
        {
            throw new InvalidOperationException($"{command} of '{resource}': {result.Message}");
        }
    }

    /// <summary>What an operator is shown.</summary>
    public Task<JsonNode> OperatorGetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>Where a resource listens.</summary>
    public Uri Address(string resource) => _app.GetEndpoint(resource, "http");

    /// <summary>Signs tenants up on the plan without a monthly limit, with key limits that no load here reaches and so many licenses each.</summary>
    public async Task<IReadOnlyList<BenchmarkTenant>> CreateTenantsAsync(int count, int licenses, string? cluster = null)
    {
        var made = new BenchmarkTenant[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => made[i] = await CreateTenantAsync(licenses, cluster));
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _app.DisposeAsync();
    }

    private async Task<BenchmarkTenant> CreateTenantAsync(int licenses, string? cluster)
    {
        var unique = Guid.NewGuid().ToString("N")[..12];
        var created = await SendAsync(HttpMethod.Post, "/v1/admin/tenants", null, new JsonObject
        {
            ["name"] = unique,
            ["slug"] = $"bench-{unique}",
            ["plan"] = "enterprise",
            ["owner"] = new JsonObject { ["email"] = $"{unique}@bench.example" },
        });
        var id = (string)created["tenant"]!["id"]!;
        while ((string?)(await SendAsync(HttpMethod.Get, $"/v1/admin/tenants/{id}", null))["tenant"]!["status"] != "active")
        {
            await Task.Delay(50);
        }

        await SendAsync(HttpMethod.Put, $"/v1/admin/tenants/{id}/rate-limits", null, new JsonObject
        {
            ["key"] = new JsonObject { ["requests"] = 1_000_000_000, ["period_seconds"] = 60 },
            ["endpoint"] = new JsonObject { ["activations"] = 1_000_000_000, ["usage"] = 1_000_000_000, ["entitlements"] = 1_000_000_000 },
        });
        if (cluster is not null)
        {
            await SendAsync(HttpMethod.Patch, $"/v1/admin/tenants/{id}", null, new JsonObject { ["cluster"] = cluster });
        }

        var revealed = await SendAsync(HttpMethod.Post, $"/v1/admin/tenants/{id}/api-key/reveal", null);
        var keys = new List<string>(licenses);
        for (var n = 0; n < licenses; n++)
        {
            var license = await SendAsync(HttpMethod.Post, "/v1/tenant/licenses", (string)revealed["bearer_token"]!, new JsonObject
            {
                ["entitlements"] = new JsonObject { ["export"] = true, ["seats"] = 10, ["api.calls"] = 1_000_000_000 },
            });
            keys.Add((string)license["license"]!["key"]!);
        }

        return new BenchmarkTenant((string)revealed["api_key"]!, keys) { Id = Guid.Parse(id), BearerToken = (string)revealed["bearer_token"]! };
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, string? token, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        request.Content = body is null ? null : JsonContent.Create(body);
        using var response = await _operator.SendAsync(request);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
        return response.IsSuccessStatusCode ? answer!["data"]! : throw new HttpRequestException($"{method} {path} answered {answer}");
    }
}

/// <summary>A tenant of the benchmark.</summary>
internal sealed record BenchmarkTenant(string ApiKey, IReadOnlyList<string> LicenseKeys)
{
    /// <summary>Its id.</summary>
    public Guid Id { get; init; }

    /// <summary>Its owner's token.</summary>
    public string BearerToken { get; init; } = "";
}
