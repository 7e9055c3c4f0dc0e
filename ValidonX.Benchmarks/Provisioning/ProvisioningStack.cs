using Aspire.Hosting;
using Aspire.Hosting.Testing;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Redis;

namespace ValidonX.Benchmarks.Provisioning;

/// <summary>The real stack with one provisioner, and what the API does to have a tenant provisioned.</summary>
internal sealed class ProvisioningStack : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly DistributedApplication _app;
    private readonly PlatformDatabase _platform;
    private readonly ConnectionMultiplexer _redis;
    private readonly RedisWakeup _wakeup;
    private readonly ProvisioningRuns _runs;

    private ProvisioningStack(DistributedApplication app, string platform, string redis)
    {
        _app = app;
        (PlatformConnectionString, RedisConnectionString) = (platform, redis);
        _platform = new PlatformDatabase(ConnectionSettings.Parse(platform));
        var connection = RedisClient.Connect(redis);
        _redis = connection;
        _wakeup = new RedisWakeup(connection, NullLogger<RedisWakeup>.Instance);
        _runs = new ProvisioningRuns(_platform, TimeProvider.System);
    }

    /// <summary>The administrator's connection string, in the platform database.</summary>
    public string PlatformConnectionString { get; }

    /// <summary>Where Redis is.</summary>
    public string RedisConnectionString { get; }

    /// <summary>Starts it, and waits until the provisioner is ready.</summary>
    public static async Task<ProvisioningStack> StartAsync()
    {
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ValidonX_AppHost>(
            ["--environment=Development", "--Stack:Demo=false", "--Stack:LicensingApiReplicas=1", "--Stack:ProvisionerReplicas=1"],
            CancellationToken.None);
        var app = await builder.BuildAsync(CancellationToken.None);
        await app.StartAsync(CancellationToken.None);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(3));
        return new ProvisioningStack(app, await ConnectionStringAsync(app, "platform"), await ConnectionStringAsync(app, "redis"));
    }

    /// <summary>Has one tenant provisioned.</summary>
    /// <returns>Milliseconds from the request's commit to the tenant being active, and those of each stage's own work, in order.</returns>
    public async Task<(double Total, IReadOnlyList<double> Stages)> ProvisionAsync()
    {
        var tenant = Guid.CreateVersion7();
        await _platform.TransactAsync(
            async (transaction, token) =>
            {
                await transaction.Connection!.ExecuteAsync(
                    """
                    INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, created_at, updated_at)
                    SELECT @tenant, 'Benchmark', @slug, 'provisioning', 'starter', region, name, @database, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
                    FROM database_servers ORDER BY name LIMIT 1
                    """,
                    new { tenant, slug = $"t-{tenant:N}", database = $"vx_tenant_{tenant:N}_test" },
                    transaction);
                return await _runs.BeginAsync(transaction, tenant, token);
            },
            CancellationToken.None);
        _wakeup.Signal(ProvisioningRuns.WakeupChannel);

        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var run = await _runs.FindAsync(tenant, CancellationToken.None);
            if (run is { Status: RunStatus.Succeeded })
            {
                return ((run.FinishedAt!.Value - run.CreatedAt).TotalMilliseconds, [.. run.Stages.Select(stage => stage.DurationMs ?? 0)]);
            }

            if (run!.Error is not null || TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new InvalidOperationException($"The run is {run.Status}: {run.Error}");
            }

            await Task.Delay(Look);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _redis.Dispose();
        await _platform.DisposeAsync();
        await _app.DisposeAsync();
    }

    private static async Task<string> ConnectionStringAsync(DistributedApplication app, string resource) =>
        await app.GetConnectionStringAsync(resource, CancellationToken.None) ?? throw new InvalidOperationException($"'{resource}' has no connection string.");
}
