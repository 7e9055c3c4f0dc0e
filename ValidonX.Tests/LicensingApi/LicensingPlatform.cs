using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Routes;
using ValidonX.Tests.Platform.Databases;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi;

/// <summary>What the licensing API stands on, all real: a database server with the schemas, Redis, and two replicas of the API.</summary>
public sealed class LicensingPlatform : IAsyncLifetime
{
    internal const string OperatorEmail = "operator@validonx.example";
    internal const string OperatorPassword = "correct horse battery";

    internal PlatformFixture Databases { get; } = new();

    internal RedisServerProcess Redis { get; } = new();

    internal TestDns Dns { get; } = new();

    internal IReadOnlyList<LicensingApiUnderTest> Replicas { get; private set; } = [];

    internal CallerContextSigner Signer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(Databases.InitializeAsync().AsTask(), Redis.InitializeAsync().AsTask());
        Signer = new CallerContextSigner(Options.Create(Databases.Secrets), TimeProvider.System);
        Replicas = await Task.WhenAll(StartReplicaAsync(), StartReplicaAsync());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            await replica.DisposeAsync();
        }

        await Dns.DisposeAsync();
        await Redis.DisposeAsync();
        await Databases.DisposeAsync();
    }

    /// <summary>Another replica, if need be with a clock of its own.</summary>
    internal Task<LicensingApiUnderTest> StartReplicaAsync(TimeProvider? clock = null, string? redis = null) => LicensingApiUnderTest.StartAsync(this, clock, redis: redis);

    /// <summary>An operator, as the gateway would announce one, at the first replica.</summary>
    internal ApiCaller Operator(int replica = 0, Guid? id = null) => OperatorAt(Replicas[replica].Client, id);

    /// <summary>An operator at any API.</summary>
    internal ApiCaller OperatorAt(HttpClient client, Guid? id = null)
    {
        var context = new CallerContext { Kind = CallerKind.Operator, CallerId = id ?? Guid.CreateVersion7(), TokenId = Guid.CreateVersion7(), ExpiresAt = InAMinute };
        return new ApiCaller(client, (method, path) => Sign(context, method, path));
    }

    /// <summary>Somebody without any credential.</summary>
    internal ApiCaller Anonymous(int replica = 0) => new(Replicas[replica], this, new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = InAMinute });

    /// <summary>
    /// Has the first replica write what it has counted. Before a test counts something it makes room: what other tests had refused in the same minute uses up the kinds that
    /// are told apart.
    /// </summary>
    internal Task FlushCountedAsync() => Replicas[0].Services.GetRequiredService<CountedAudit>().FlushAsync(everything: true, TestContext.Current.CancellationToken);

    internal static long InAMinute => DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds();

    internal string Sign(CallerContext context) => Signer.Sign(context);

    /// <summary>Signs as a gateway does that has judged this request.</summary>
    internal string Sign(CallerContext context, string method, string path) =>
        Signer.Sign(context with { Method = method, Route = RouteTable.Find(path.Split('?')[0], method)?.Name });

    /// <summary>A tenant in service, with its database and its plan's entitlements.</summary>
    internal async Task<LicensedTenant> CreateTenantAsync(string plan = "enterprise")
    {
        var placement = await Databases.CreateTenantAsync();
        var slug = string.Create(CultureInfo.InvariantCulture, $"t-{placement.TenantId:N}")[..30];
        await ExecuteAsync(
            """
            INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, created_at, updated_at)
            VALUES (@TenantId, 'Acme', @slug, 'active', @plan, 'local', @ServerName, @database, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
            """,
            new { placement.TenantId, slug, plan, placement.ServerName, database = placement.Database.Value });
        await using (var connection = await Databases.Platform.OpenAsync(TestContext.Current.CancellationToken))
        {
            var entitlements = await connection.QueryAsync<(string Code, long? Value)>("SELECT code, value FROM plan_entitlements WHERE plan_code = @plan", new { plan });
            await using var scope = await Databases.Tenants.OpenAsync(placement, TestContext.Current.CancellationToken);
            await scope.Connection.ExecuteAsync(
                "INSERT INTO entitlements (license_id, code, kind, value, source, updated_at) VALUES ('', @Code, 'limit', @Text, 'plan', UTC_TIMESTAMP(6))",
                entitlements.Select(one => new { one.Code, Text = one.Value?.ToString(CultureInfo.InvariantCulture) }));
        }

        return new LicensedTenant(this, placement, slug, plan);
    }

    internal async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await Databases.Platform.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync(sql, parameters);
    }

    internal async Task<T?> ScalarAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Databases.Platform.OpenAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<T>(sql, parameters);
    }
}

/// <summary>Tests that share one platform and leave it running.</summary>
[CollectionDefinition(Name)]
public sealed class LicensingCollection : ICollectionFixture<LicensingPlatform>
{
    public const string Name = "licensing";
}

/// <summary>Tests with hundreds of machines and thousands of licenses, which share a platform of their own: what they keep busy would fail others.</summary>
[CollectionDefinition(Name)]
public sealed class CrowdCollection : ICollectionFixture<LicensingPlatform>
{
    public const string Name = "crowds";
}
