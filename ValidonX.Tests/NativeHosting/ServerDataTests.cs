using System.Data.Common;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using MySqlConnector;

namespace ValidonX.Tests.NativeHosting;

/// <summary>What the servers keep. With VALIDONX_MYSQLD the same is tried on another MySQL-compatible server.</summary>
public sealed class ServerDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("validonx-data-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Databases_and_keys_outlive_the_stack_and_so_do_the_generated_passwords()
    {
        await using (var app = await StartAsync())
        {
            await ScalarAsync(app, "CREATE TABLE kept (id INT PRIMARY KEY, note VARCHAR(20))");
            await ScalarAsync(app, "INSERT INTO kept VALUES (1, 'größer')");
            Assert.Equal("+OK", await RedisAsync(app, "SET kept yes"));
        }

        await using (var app = await StartAsync())
        {
            Assert.Equal("größer", await ScalarAsync(app, "SELECT note FROM kept WHERE id = 1"));
            Assert.Equal("yes", await RedisAsync(app, "GET kept"));
        }
    }

    [Fact]
    public async Task A_changed_password_takes_the_place_of_the_old_one()
    {
        await using (var app = await StartAsync("--Parameters:mysql-password=first"))
            await ScalarAsync(app, "CREATE TABLE kept (id INT PRIMARY KEY)");

        await using (var app = await StartAsync(@"--Parameters:mysql-password=new\%_word"))
        {
            Assert.Equal(0L, Convert.ToInt64(await ScalarAsync(app, "SELECT COUNT(*) FROM kept"), null));
            await Assert.ThrowsAnyAsync<DbException>(() => OpenAsync(app, connection => connection["Password"] = "first"));
        }
    }

    [Fact]
    public async Task A_server_that_is_killed_comes_back_with_its_data()
    {
        await using var app = await StartAsync();
        await ScalarAsync(app, "CREATE TABLE kept (id INT PRIMARY KEY)");
        await ScalarAsync(app, "INSERT INTO kept VALUES (7)");
        var first = (await app.WaitForStateAsync("mysql", KnownResourceStates.Running)).ProcessId();

        using (var process = Process.GetProcessById(first))
            process.Kill();
        await app.WaitAsync("mysql", update => update.Snapshot.State?.Text == KnownResourceStates.Running && update.ProcessId() != first);
        await app.WaitUntilHealthyAsync("app-data");

        Assert.Equal(7, Convert.ToInt32(await ScalarAsync(app, "SELECT id FROM kept"), null));
    }

    [Fact]
    public async Task Nobody_gets_in_without_the_password()
    {
        await using var app = await StartAsync();

        await Assert.ThrowsAnyAsync<DbException>(() => OpenAsync(app, connection => connection["Password"] = "guess"));
        await Assert.ThrowsAnyAsync<DbException>(() => OpenAsync(app, connection => connection["User ID"] = "anybody"));
        Assert.StartsWith("-NOAUTH", await RedisAsync(app, "GET kept", authenticate: false), StringComparison.Ordinal);
        Assert.Equal("0", $"{await ScalarAsync(app, "SELECT COUNT(*) FROM mysql.user WHERE User = ''")}");
    }

    [Fact]
    public async Task No_password_is_visible_to_other_users_of_the_machine()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        await using var app = await StartAsync("--Parameters:mysql-password=visible-mysql", "--Parameters:redis-password=visible-redis");
        var processes = new[] { "mysql", "redis" }.Select(name =>
        {
            Assert.True(app.ResourceNotifications.TryGetCurrentState(name, out var update));
            return update.ProcessId();
        });

        foreach (var process in processes)
            Assert.DoesNotContain("visible-", await File.ReadAllTextAsync($"/proc/{process}/cmdline", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is "init.sql" or "my.cnf" or "redis.conf" or "secrets.json"))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private async Task<DistributedApplication> StartAsync(params string[] settings)
    {
        var builder = Stack.Describe(_folder, settings);
        var mysql = builder.AddMySql("mysql", builder.AddParameter("mysql-password", new GenerateParameterDefault(), secret: true, persist: true)).WithDataVolume();
        mysql.AddDatabase("app-data", "app_data");
        builder.AddRedis("redis", password: builder.AddParameter("redis-password", new GenerateParameterDefault { Special = false }, secret: true, persist: true)).WithDataVolume();
        var app = await builder.StartAsync();
        await app.WaitUntilHealthyAsync("app-data");
        await app.WaitUntilHealthyAsync("redis");
        return app;
    }

    private static async Task<DbConnection> OpenAsync(DistributedApplication app, Action<DbConnectionStringBuilder>? change = null)
    {
        var settings = new DbConnectionStringBuilder
        {
            ConnectionString = await app.GetConnectionStringAsync("app-data", TestContext.Current.CancellationToken),
        };
        settings["SslMode"] = "none";
        settings["AllowPublicKeyRetrieval"] = "true";
        settings["Pooling"] = "false";
        settings["CharSet"] = "utf8mb4";
        change?.Invoke(settings);
        var connection = MySqlConnectorFactory.Instance.CreateConnection()!;
        connection.ConnectionString = settings.ConnectionString;
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    private static async Task<object?> ScalarAsync(DistributedApplication app, string sql)
    {
        await using var connection = await OpenAsync(app);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string?> RedisAsync(DistributedApplication app, string command, bool authenticate = true)
    {
        var connection = await app.GetConnectionStringAsync("redis", TestContext.Current.CancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, app.GetEndpoint("redis", "tcp").Port, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        if (authenticate)
            Assert.Equal("+OK", await SendAsync($"AUTH {connection!.Split("password=")[1]}"));

        var answer = await SendAsync(command);
        return answer is ['$', ..] ? await reader.ReadLineAsync(TestContext.Current.CancellationToken) : answer;

        async Task<string?> SendAsync(string text)
        {
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(text + "\r\n"), TestContext.Current.CancellationToken);
            return await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        }
    }
}
