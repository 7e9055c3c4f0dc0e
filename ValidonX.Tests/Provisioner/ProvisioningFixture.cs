using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Runs;
using ValidonX.Tests.Platform.Databases;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Provisioner;

/// <summary>A prepared platform on real servers, tenants that ask for provisioning, and workers in this and in other processes.</summary>
public sealed class ProvisioningFixture : IAsyncLifetime
{
    private ProvisioningRuns _runs = null!;

    internal PlatformFixture Databases { get; } = new();

    internal RedisServerProcess Redis { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Task.WhenAll(Databases.InitializeAsync().AsTask(), Redis.InitializeAsync().AsTask());
        _runs = new ProvisioningRuns(Databases.Platform, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        await Databases.DisposeAsync();
    }

    /// <summary>The configuration of a worker: short leases and pauses, so that tests need not wait long for a take-over.</summary>
    internal Dictionary<string, string?> Configuration(params (string Key, string Value)[] more)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = Databases.Server.ConnectionString(PlatformDatabase.Name),
            ["ConnectionStrings:redis"] = Redis.ConnectionString,
            ["DatabaseServers:AdminUser"] = DatabaseServerProcess.User,
            ["DatabaseServers:AdminPassword"] = DatabaseServerProcess.Password,
            ["DatabaseServers:0:Name"] = "one",
            ["DatabaseServers:0:Host"] = "127.0.0.1",
            ["DatabaseServers:0:Port"] = Databases.Server.Port.ToString(CultureInfo.InvariantCulture),
            ["DatabaseServers:0:Region"] = "local",
            ["DatabaseServers:0:Class"] = "shared",
            ["DatabaseServers:0:Capacity"] = "1000",
            ["Secrets:ServiceDatabasePassword"] = Databases.Secrets.ServiceDatabasePassword,
            ["Secrets:GatewayDatabasePassword"] = Databases.Secrets.GatewayDatabasePassword,
            ["Secrets:ApiDatabasePassword"] = Databases.Secrets.ApiDatabasePassword,
            ["Secrets:ApiKeyPepper"] = Databases.Secrets.ApiKeyPepper,
            ["Secrets:DataEncryptionKey"] = Databases.Secrets.DataEncryptionKey,
            // Tests look themselves.
            ["Alerts:Interval"] = "1.00:00:00",
            ["Provisioner:Lease"] = "00:00:02",
            ["Provisioner:Poll"] = "00:00:00.100",
            ["Provisioner:FirstPause"] = "00:00:00.020",
            ["Provisioner:LongestPause"] = "00:00:00.200",
        };
        foreach (var (key, value) in more) configuration[key] = value;
        return configuration;
    }

    /// <summary>Starts a provisioner in this process; disposing the host ends it.</summary>
    internal async Task<IHost> StartWorkerHereAsync(IStageObserver? observer = null, params (string Key, string Value)[] more)
    {
        var host = ProvisionerHost.Build(Configuration(more), observer);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>Starts one that has some services of its own.</summary>
    internal async Task<IHost> StartWorkerHereAsync(Action<IServiceCollection> also, params (string Key, string Value)[] more)
    {
        var host = ProvisionerHost.Build(Configuration(more), also: also);
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }

    /// <summary>A tenant's row and run, as the API writes them.</summary>
    internal async Task<Guid> RequestTenantAsync(string plan = "starter", string region = "local")
    {
        var id = Guid.CreateVersion7();
        await Databases.Platform.TransactAsync(
            async (transaction, token) =>
            {
                await transaction.Connection!.ExecuteAsync(
                    """
                    INSERT INTO tenants (id, name, slug, status, plan_code, region, created_at, updated_at)
                    VALUES (@id, 'Näme "quoted"', @slug, 'provisioning', @plan, @region, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
                    INSERT INTO users (id, email, name, created_at, updated_at) VALUES (@owner, @email, 'Owner', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
                    INSERT INTO tenant_users (tenant_id, user_id, role, created_at) VALUES (@id, @owner, 'owner', UTC_TIMESTAMP(6));
                    """,
                    new { id, slug = $"tenant-{id:N}", plan, region, owner = Guid.CreateVersion7(), email = OwnerOf(id) },
                    transaction);
                return await _runs.BeginAsync(transaction, id, token);
            },
            TestContext.Current.CancellationToken);
        return id;
    }

    /// <summary>The address of the tenant's owner, who has no password yet.</summary>
    internal static string OwnerOf(Guid tenant) => $"owner-{tenant:N}@tenant.example";

    internal async Task<ProvisioningRun> RunOfAsync(Guid tenant) =>
        await _runs.FindAsync(tenant, TestContext.Current.CancellationToken) ?? throw new InvalidOperationException("There is no run.");

    /// <summary>Waits until the tenant's run is as it should be.</summary>
    internal async Task<ProvisioningRun> WaitForAsync(Guid tenant, Func<ProvisioningRun, bool> condition)
    {
        ProvisioningRun run = null!;
        await Until.TrueAsync(
            async () => condition(run = await RunOfAsync(tenant)),
            () => $"the run is as it should be; it is {run.Status} ({run.Error}): {string.Join(", ", run.Stages.Select(stage => $"{stage.Name} {stage.Status}"))}");
        return run;
    }

    internal Task<ProvisioningRun> WaitUntilSucceededAsync(Guid tenant) => WaitForAsync(tenant, run => run.Status == RunStatus.Succeeded);

    /// <summary>Waits until no job of the tenant waits or runs.</summary>
    internal Task WaitUntilIdleAsync(Guid tenant) => Until.TrueAsync(
        async () => await QueryAsync<int>("SELECT COUNT(*) FROM jobs WHERE tenant_id = @tenant AND status IN ('pending', 'running')", new { tenant }) == 0,
        "the tenant has no job left");

    /// <summary>Rows of the platform database as text.</summary>
    internal async Task<IEnumerable<string>> RowsAsync(string sql, object parameters)
    {
        await using var connection = await Databases.Platform.OpenAsync(TestContext.Current.CancellationToken);
        return [.. (await connection.QueryAsync(sql, parameters)).Cast<IDictionary<string, object>>()
            .Select(row => string.Join('|', row.Values.Select(value => value is byte[] bytes ? Convert.ToHexString(bytes) : $"{value}")))];
    }

    /// <summary>One column of the tenant's own database.</summary>
    internal async Task<IEnumerable<string>> TenantRowsAsync(Guid tenant, string sql)
    {
        var (server, database) = await QueryAsync<(string, string)>("SELECT server_name, database_name FROM tenants WHERE id = @tenant", new { tenant });
        var placement = new TenantPlacement(tenant, server, DatabaseName.Parse(database));
        await using var scope = await Databases.Tenants.OpenAsync(placement, TestContext.Current.CancellationToken);
        return await scope.Connection.QueryAsync<string>(sql);
    }

    internal async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await Databases.Platform.OpenAsync(TestContext.Current.CancellationToken);
        await connection.ExecuteAsync(sql, parameters);
    }

    /// <summary>One value of the platform database.</summary>
    internal async Task<T> QueryAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = await Databases.Platform.OpenAsync(TestContext.Current.CancellationToken);
        return await connection.QuerySingleAsync<T>(sql, parameters);
    }
}
