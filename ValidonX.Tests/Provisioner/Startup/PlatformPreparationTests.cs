using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using ValidonX.Platform.Databases;
using ValidonX.Provisioner.Startup;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Provisioner.Startup;

/// <summary>What a provisioner does before it works, on a server that has never seen the platform.</summary>
public sealed class PlatformPreparationTests(DatabaseServerProcess server) : IClassFixture<DatabaseServerProcess>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_ready_only_when_the_servers_answer_and_the_schema_is_there_and_then_again_at_every_start()
    {
        await server.KillAsync();
        using var host = Build();
        var preparation = host.Services.GetRequiredService<PlatformPreparation>();
        var running = preparation.RunAsync(Cancellation);
        Assert.Equal(HealthStatus.Unhealthy, await HealthAsync(host));
        Assert.False(running.IsCompleted);

        await server.StartAsync();
        await running;

        Assert.Equal(HealthStatus.Healthy, await HealthAsync(host));
        await using var connection = await OpenAsync();
        Assert.Equal(3, await connection.ExecuteScalarAsync<int>($"SELECT COUNT(*) FROM {PlatformDatabase.Name}.plans"));
        using var second = Build();
        await second.Services.GetRequiredService<PlatformPreparation>().RunAsync(Cancellation);
    }

    [Fact]
    public async Task Servers_that_never_answer_end_it_with_one_sentence_that_says_what_to_check()
    {
        using var host = Build(("DatabaseServers:0:Port", $"{FreePorts.Next()}"), ("Provisioner:StartPatience", "00:00:01"));

        var failure = await Assert.ThrowsAsync<PreparationFailedException>(() => host.Services.GetRequiredService<PlatformPreparation>().RunAsync(Cancellation));

        Assert.Equal(
            "The database servers did not become usable within 1 seconds: check that they run and that DatabaseServers and the connection string "
            + "'platform' name their addresses.",
            failure.Message);
    }

    [Fact]
    public async Task A_wrong_password_ends_it_at_once_and_is_not_repeated()
    {
        using var host = Build(("DatabaseServers:AdminPassword", "not-the-password"));

        var failure = await Assert.ThrowsAsync<PreparationFailedException>(() => host.Services.GetRequiredService<PlatformPreparation>().RunAsync(Cancellation));

        Assert.StartsWith("A database server refused the administrator's login", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_gives_every_session_every_role_is_refused()
    {
        Assert.SkipUnless(DatabaseServerProcess.IsMySql, "Only MySQL has the setting.");
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync("SET GLOBAL activate_all_roles_on_login = ON");
        try
        {
            using var host = Build();
            var failure = await Assert.ThrowsAsync<PreparationFailedException>(
                () => host.Services.GetRequiredService<PlatformPreparation>().RunAsync(Cancellation));
            Assert.Contains("activate_all_roles_on_login=ON", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            await connection.ExecuteAsync("SET GLOBAL activate_all_roles_on_login = OFF");
        }
    }

    private IHost Build(params (string Key, string Value)[] more)
    {
        var configuration = new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = server.ConnectionString(PlatformDatabase.Name),
            ["ConnectionStrings:redis"] = "127.0.0.1:1",
            ["DatabaseServers:AdminUser"] = DatabaseServerProcess.User,
            ["DatabaseServers:AdminPassword"] = DatabaseServerProcess.Password,
            ["DatabaseServers:0:Name"] = "one",
            ["DatabaseServers:0:Host"] = "127.0.0.1",
            ["DatabaseServers:0:Port"] = $"{server.Port}",
            ["DatabaseServers:0:Region"] = "local",
            ["DatabaseServers:0:Class"] = "shared",
            ["DatabaseServers:0:Capacity"] = "10",
            ["Secrets:ServiceDatabasePassword"] = new('s', 16),
            ["Secrets:GatewayDatabasePassword"] = new('g', 16),
            ["Secrets:ApiDatabasePassword"] = new('a', 16),
            ["Secrets:ApiKeyPepper"] = new('p', 32),
            ["Secrets:DataEncryptionKey"] = new('d', 32),
        };
        foreach (var (key, value) in more) configuration[key] = value;
        return ProvisionerHost.Build(configuration);
    }

    private static async Task<HealthStatus> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "preparation", Cancellation)).Status;

    private ValueTask<System.Data.Common.DbConnection> OpenAsync() => DatabaseClient.CreateDataSource(server.Login).OpenConnectionAsync(Cancellation);
}
