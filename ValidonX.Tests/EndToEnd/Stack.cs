using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using ValidonX.Tests.LicensingApi.Passkeys;
using ValidonX.Tests.Servers;

[assembly: AssemblyFixture(typeof(ValidonX.Tests.EndToEnd.StackLifetime))]

namespace ValidonX.Tests.EndToEnd;

/// <summary>
/// The whole stack as <c>AppHost.cs</c> describes it, all real processes. One is started for the whole suite: two gateways, two licensing APIs,
/// two provisioners, two database servers and Redis. Tests that break something start their own.
/// </summary>
internal sealed class Stack : IAsyncDisposable
{
    // The stack itself signs in as the configured operator, once. An account is signed in to five times a minute, which a suite soon has: tests have operators of their own.
    private const string OperatorEmail = "admin@validonx.local";
    private const string OperatorPassword = "validonx-dev-only";

    /// <summary>What gateway and licensing API share, so that a test can sign what only a gateway could.</summary>
    public const string ContextSigningKey = "a-signing-key-that-only-the-tests-know-0123456789abcdef0123456789";

    private static readonly Lazy<Task<Stack>> Started = new(() => StartAsync(gateways: 2, licensingApis: 2, provisioners: 2, databaseServers: 2, redisPatience: "00:00:01", portal: true));

    /// <summary>The name server that licensing APIs ask.</summary>
    public static TestDns Dns { get; } = new();

    private readonly DistributedApplication _app;

    private Stack(DistributedApplication app, HttpClient[] gateways, string operatorToken)
    {
        _app = app;
        Gateways = gateways;
        Operator = new Caller(gateways[0], operatorToken, null);
        OperatorToken = operatorToken;
    }

    public static bool WasStarted => Started.IsValueCreated;

    /// <summary>A client for each gateway.</summary>
    public IReadOnlyList<HttpClient> Gateways { get; }

    /// <summary>An operator, logged in.</summary>
    public Caller Operator { get; }

    /// <summary>The operator's token.</summary>
    public string OperatorToken { get; }

    public DistributedApplication App => _app;

    /// <summary>Where the pages are.</summary>
    public Uri Portal => _app.GetEndpoint("portal", "http");

    public static Task<Stack> GetAsync() => Started.Value;

    /// <summary>A client straight at a licensing API, past the gateway.</summary>
    public HttpClient CreateLicensingApiClient() => _app.CreateHttpClient("licensing-api-1");

    /// <summary>An operator of one's own, invited and signed in.</summary>
    public Task<StackOperator> NewOperatorAsync() => StackOperator.CreateAsync(this);

    /// <summary>Signs a tenant up and waits until it is in service.</summary>
    public async Task<TestTenant> CreateTenantAsync(string plan = "pro", string? name = null)
    {
        var unique = Guid.NewGuid().ToString("N")[..10];
        var created = await Operator.PostAsync("/v1/admin/tenants", new
        {
            name = name ?? $"Tenant {unique}",
            slug = $"t-{unique}",
            plan,
            owner = new { email = $"owner-{unique}@tenant.example", name = "Owner" },
        });
        created.ShouldBe(202);
        var id = (string)created.Data["tenant"]!["id"]!;
        await Until.TrueAsync(
            async () => (string?)(await Operator.GetAsync($"/v1/admin/tenants/{id}")).Data["tenant"]!["status"] == "active",
            $"the tenant {id} becomes active");
        var revealed = await Operator.PostAsync($"/v1/admin/tenants/{id}/api-key/reveal");
        revealed.ShouldBe(200);
        return new TestTenant(
            Guid.Parse(id),
            $"t-{unique}",
            (string)revealed.Data["api_key"]!,
            (string)revealed.Data["bearer_token"]!,
            Gateways);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in Gateways)
        {
            gateway.Dispose();
        }

        await _app.DisposeAsync();
    }

    /// <summary>Starts a stack of its own; the caller disposes it.</summary>
    /// <param name="gateways">How many gateways.</param>
    /// <param name="licensingApis">How many replicas of the licensing API.</param>
    /// <param name="provisioners">How many provisioners.</param>
    /// <param name="databaseServers">How many database servers.</param>
    /// <param name="redisPatience">
    /// How long gateways wait for Redis; by default as in production. Beside the rest of the suite on two cores Redis is slower than that now and then, and a gateway that
    /// has lost sight of it refuses in windows that have begun.
    /// </param>
    /// <param name="portal">Whether there are pages.</param>
    public static async Task<Stack> StartAsync(int gateways, int licensingApis, int provisioners, int databaseServers, string? redisPatience = null, bool portal = false)
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ValidonX_AppHost>(
            [
                "--environment=Development",
                $"--Stack:Gateways={gateways}",
                $"--Stack:LicensingApiReplicas={licensingApis}",
                $"--Stack:ProvisionerReplicas={provisioners}",
                $"--Stack:DatabaseServers={databaseServers}",
                "--Stack:Demo=false",
                $"--Stack:Portal={portal}",
                "--Logging:LogLevel:Default=Warning",
                "--Logging:LogLevel:ValidonX.AppHost.Resources=None",
                $"--Parameters:context-signing-key={ContextSigningKey}",
                .. SuiteTelemetry.Arguments,
            ],
            CancellationToken.None);
        foreach (var project in builder.Resources.OfType<ProjectResource>().Where(project => project.Name.StartsWith("gateway", StringComparison.Ordinal)))
        {
            // All people of the suite sit at one address; what one address may is the matter of SignInThrottleTests and StrangerTests.
            var gateway = builder.CreateResourceBuilder(project)
                .WithEnvironment("Gateway__SignIn__PerNetwork", "10000")
                .WithEnvironment("Gateway__SignIn__Strangers", "10000")
                .WithEnvironment("RateLimiting__AnonymousRequests", "1000000");
            if (redisPatience is not null)
            {
                gateway.WithEnvironment("RateLimiting__Leasing__CallTimeout", redisPatience);
            }
        }

        // The tests' authenticator claims to be at a page of this address, wherever the portal's port is.
        // The browser's is at the portal's own. An issuer may be this machine.
        var page = builder.Resources.OfType<ProjectResource>().FirstOrDefault(project => project.Name == "portal");
        foreach (var project in builder.Resources.OfType<ProjectResource>().Where(project => project.Name.StartsWith("licensing-api", StringComparison.Ordinal)))
        {
            var api = builder.CreateResourceBuilder(project)
                .WithEnvironment("Passkeys__Origins__0", SoftAuthenticator.UsualOrigin)
                .WithEnvironment("SingleSignOn__AllowLoopback", "true")
                .WithEnvironment("Domains__NameServers__0", Dns.Address);
            if (page is not null)
            {
                api.WithEnvironment("Passkeys__Origins__1", builder.CreateResourceBuilder(page).GetEndpoint("http"));
            }
        }

        var app = await builder.BuildAsync(CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        var names = Enumerable.Range(1, gateways).Select(number => number == 1 ? "gateway" : $"gateway-{number}").ToArray();
        string[] awaited = portal ? [.. names, "portal"] : names;
        foreach (var name in awaited)
        {
            await app.ResourceNotifications.WaitForResourceHealthyAsync(name, CancellationToken.None).WaitAsync(Until.StartPatience);
        }

        HttpClient[] clients = [.. names.Select(name => app.CreateHttpClient(name))];
        var login = await new Caller(clients[0], null, null).PostAsync("/auth/login", new { email = OperatorEmail, password = OperatorPassword });
        login.ShouldBe(200);
        return new Stack(app, clients, (string)login.Data["token"]!);
    }
}

/// <summary>Ends the stack with the suite, if any test started it.</summary>
public sealed class StackLifetime : IAsyncLifetime
{
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (Stack.WasStarted)
        {
            await (await Stack.GetAsync()).DisposeAsync();
            await SuiteTelemetry.EndAsync();
        }
    }
}
