using System.Diagnostics;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using StackExchange.Redis;
using ValidonX.Hosting.Redis;

namespace ValidonX.Tests.Hosting;

/// <summary>What the servers keep, and from whom. With VALIDONX_MYSQLD the same is tried on another MySQL-compatible server.</summary>
public sealed class ServerDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validonx-data-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Databases_and_keys_outlive_the_stack_and_so_do_the_generated_passwords()
    {
        string? password;
        await using (var app = await HostedServers.StartAsync(_folder))
        {
            password = await PasswordAsync(app);
            await ScalarAsync(app, "CREATE TABLE kept (id INT PRIMARY KEY, note VARCHAR(20))");
            await ScalarAsync(app, "INSERT INTO kept VALUES (1, 'größer')");
            await RedisAsync(app, async redis => Assert.True(await redis.StringSetAsync("kept", "yes")));
            await app.StopAsync(Cancellation);
        }

        // A server that was shut down has removed it; one that was killed has not.
        Assert.Empty(Directory.EnumerateFiles(_folder, "*.pid", SearchOption.AllDirectories));
        await using (var app = await HostedServers.StartAsync(_folder))
        {
            Assert.Equal(password, await PasswordAsync(app));
            Assert.Equal("größer", await ScalarAsync(app, "SELECT note FROM kept WHERE id = 1"));
            await RedisAsync(app, async redis => Assert.Equal("yes", await redis.StringGetAsync("kept")));
        }

        // A changed password takes the place of the old one.
        await using (var app = await HostedServers.StartAsync(_folder, @"--Parameters:mysql-password=new\%_word"))
        {
            Assert.Equal("größer", await ScalarAsync(app, "SELECT note FROM kept WHERE id = 1"));
            await Assert.ThrowsAsync<MySqlException>(() => OpenAsync(app, connection => connection.Password = password));
        }
    }

    [Fact]
    public async Task Nobody_gets_in_without_the_password_and_nobody_sees_one_and_a_killed_server_comes_back_with_its_data()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        await using var app = await HostedServers.StartAsync(_folder, "--Parameters:mysql-password=visible-mysql", "--Parameters:redis-password=visible-redis");

        await Assert.ThrowsAsync<MySqlException>(() => OpenAsync(app, connection => connection.Password = "guess"));
        await Assert.ThrowsAsync<MySqlException>(() => OpenAsync(app, connection => connection.UserID = "anybody"));
        Assert.Equal("0", $"{await ScalarAsync(app, "SELECT COUNT(*) FROM mysql.user WHERE User = ''")}");
        await Assert.ThrowsAsync<RedisConnectionException>(() =>
            RedisAsync(app, redis => redis.PingAsync(), settings => settings.Password = "guess"));

        foreach (var server in (string[])["mysql", "redis"])
        {
            var commandLine = await File.ReadAllTextAsync($"/proc/{app.ProcessId(server)}/cmdline", Cancellation);
            Assert.DoesNotContain("visible-", commandLine, StringComparison.Ordinal);
        }

        string[] secret = ["init.sql", "my.cnf", "redis.conf", "secrets.json"];
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(file => secret.Contains(Path.GetFileName(file))))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        await ScalarAsync(app, "CREATE TABLE kept (id INT PRIMARY KEY)");
        await ScalarAsync(app, "INSERT INTO kept VALUES (7)");
        var first = app.ProcessId("mysql");
        using (var process = Process.GetProcessById(first))
            process.Kill();
        await app.ResourceNotifications.WaitForResourceAsync(
            "mysql", update => update.Snapshot.State?.Text == KnownResourceStates.Running && update.ProcessId() != first, Cancellation).WaitAsync(Until.Patience, Cancellation);
        await Until.TrueAsync(async () => await TryScalarAsync(app, "SELECT id FROM kept") is 7, "the row is there again");

        // What was stopped on purpose stays stopped until somebody starts it.
        var commands = app.Services.GetRequiredService<ResourceCommandService>();
        Assert.True((await commands.ExecuteCommandAsync("redis", KnownResourceCommands.StopCommand, Cancellation)).Success);
        await app.ResourceNotifications.WaitForResourceAsync("redis", KnownResourceStates.TerminalStates, Cancellation).WaitAsync(Until.Patience, Cancellation);
        Assert.True((await commands.ExecuteCommandAsync("redis", KnownResourceCommands.StartCommand, Cancellation)).Success);
        await app.WaitUntilHealthyAsync("redis");
    }

    [Fact]
    public async Task Data_without_a_volume_end_with_the_stack_and_a_password_that_nobody_gives_is_made()
    {
        var builder = HostedServers.Describe(_folder);
        var server = builder.AddRedis("redis");
        string data = "";
        await using (var app = builder.Build())
        {
            await app.StartAsync(Cancellation);
            await app.WaitUntilHealthyAsync("redis");
            await RedisAsync(app, async redis => data = (string)(await redis.ExecuteAsync("CONFIG", "GET", "dir"))[1]!, settings => settings.AllowAdmin = true);
            Assert.True(Directory.Exists(data));
            Assert.DoesNotContain(_folder, data, StringComparison.Ordinal);
            Assert.NotEmpty((await server.Resource.PasswordParameter.GetValueAsync(Cancellation))!);
            await Assert.ThrowsAsync<RedisConnectionException>(() => RedisAsync(app, redis => redis.PingAsync(), settings => settings.Password = null));
            await app.StopAsync(Cancellation);
        }

        Assert.False(Directory.Exists(data));
    }

    private static async Task<string> PasswordAsync(DistributedApplication app) =>
        new MySqlConnectionStringBuilder((await app.GetConnectionStringAsync("app-data", Cancellation))!).Password;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task<MySqlConnection> OpenAsync(DistributedApplication app, Action<MySqlConnectionStringBuilder>? change = null)
    {
        var settings = new MySqlConnectionStringBuilder((await app.GetConnectionStringAsync("app-data", Cancellation))!) { Pooling = false };
        change?.Invoke(settings);
        var connection = new MySqlConnection(settings.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    private static async Task<object?> ScalarAsync(DistributedApplication app, string sql)
    {
        await using var connection = await OpenAsync(app);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Cancellation);
    }

    private static async Task<object?> TryScalarAsync(DistributedApplication app, string sql)
    {
        try
        {
            return await ScalarAsync(app, sql);
        }
        catch (MySqlException)
        {
            return null;
        }
    }

    private static async Task RedisAsync(DistributedApplication app, Func<IDatabase, Task> use, Action<ConfigurationOptions>? change = null)
    {
        var settings = ConfigurationOptions.Parse((await app.GetConnectionStringAsync("redis", Cancellation))!);
        settings.ConnectRetry = 1;
        change?.Invoke(settings);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(settings);
        await use(redis.GetDatabase());
    }
}
