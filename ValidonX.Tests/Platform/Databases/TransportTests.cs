using System.Data.Common;
using Dapper;
using StackExchange.Redis;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.Platform.Databases;

/// <summary>The guarantee: no password and no data goes to a server that did not prove who it is, where that was asked for.</summary>
public sealed class TransportTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_server_without_TLS_is_refused_where_encryption_is_asked_for()
    {
        await using var server = new DatabaseServerProcess { MoreArguments = DatabaseServerProcess.IsMySql ? ["--tls-version="] : ["--skip-ssl"] };
        await server.InitializeAsync();

        await Assert.ThrowsAnyAsync<DbException>(() => CipherAsync(server, "SslMode=Required"));
        Assert.Equal("", await CipherAsync(server, ""));
    }

    [Fact]
    public async Task A_database_server_is_believed_by_the_CA_that_was_given_and_by_its_address()
    {
        using var certificates = new TestCertificates();
        await using var server = await StartAsync(certificates.ServerFile, certificates.ServerKeyFile, certificates);

        Assert.NotEqual("", await CipherAsync(server, $"SslCa={certificates.AuthorityFile}"));
        Assert.NotEqual("", await CipherAsync(server, "SslMode=Required"));
        await Assert.ThrowsAnyAsync<DbException>(() => CipherAsync(server, $"SslCa={certificates.OtherAuthorityFile}"));
        await Assert.ThrowsAnyAsync<DbException>(() => CipherAsync(server, "SslMode=VerifyFull"));
    }

    [Fact]
    public async Task A_certificate_of_the_right_CA_for_another_address_is_refused_unless_only_the_CA_was_asked_for()
    {
        using var certificates = new TestCertificates();
        await using var server = await StartAsync(certificates.ElsewhereFile, certificates.ElsewhereKeyFile, certificates);

        await Assert.ThrowsAnyAsync<DbException>(() => CipherAsync(server, $"SslCa={certificates.AuthorityFile}"));
        Assert.NotEqual("", await CipherAsync(server, $"SslMode=VerifyCA;SslCa={certificates.AuthorityFile}"));
    }

    [Fact]
    public async Task Tenants_are_reached_by_the_options_of_their_server()
    {
        using var certificates = new TestCertificates();
        await using var fixture = new PlatformFixture { ServerArguments = Arguments(certificates.ServerFile, certificates.ServerKeyFile, certificates) };
        await fixture.InitializeAsync();
        var tenant = await fixture.CreateTenantAsync();
        foreach (var (authority, isBelieved) in new[] { (certificates.AuthorityFile, true), (certificates.OtherAuthorityFile, false) })
        {
            var (platform, administration, tenants) = fixture.Connect([PlatformFixture.ServerNamed("one", fixture.Server) with { Options = $"SslCa={authority}" }]);
            await using var parts = new Parts(platform, administration, tenants);
            await using (var connection = await platform.OpenAsync(Cancellation))
            {
                await connection.ExecuteAsync(
                    "REPLACE INTO database_server_options (server_name, options) VALUES ('one', @options)", new { options = $"SslCa={authority}" });
            }

            if (isBelieved)
            {
                await administration.RegisterServersAsync(Cancellation);
                await using var scope = await tenants.OpenAsync(tenant, Cancellation);
                Assert.NotEqual("", await CipherAsync(scope.Connection));
            }
            else
            {
                await Assert.ThrowsAnyAsync<DbException>(() => administration.RegisterServersAsync(Cancellation));
                await Assert.ThrowsAnyAsync<DbException>(() => tenants.OpenAsync(tenant, Cancellation));
            }
        }
    }

    [Fact]
    public async Task Redis_is_believed_by_the_CA_that_was_given()
    {
        using var certificates = new TestCertificates();
        var port = FreePorts.Next();
        await using var server = new RedisServerProcess
        {
            MoreArguments =
            [
                "--tls-port", $"{port}", "--tls-cert-file", certificates.ServerFile, "--tls-key-file", certificates.ServerKeyFile,
                "--tls-ca-cert-file", certificates.AuthorityFile, "--tls-auth-clients", "no",
            ],
        };
        await server.InitializeAsync();

        using var believed = RedisClient.Connect($"127.0.0.1:{port},ssl=true", certificates.AuthorityFile);
        Assert.True(await believed.GetDatabase().StringSetAsync("a", "1"));
        foreach (var authority in new[] { certificates.OtherAuthorityFile, null })
        {
            using var refused = RedisClient.Connect($"127.0.0.1:{port},ssl=true", authority);
            await Assert.ThrowsAsync<RedisConnectionException>(() => refused.GetDatabase().StringSetAsync("a", "2"));
        }

        using var plain = server.Connect();
        Assert.Equal("1", await plain.GetDatabase().StringGetAsync("a"));
    }

    [Theory]
    [InlineData("redis.example:6379", false)]
    [InlineData("127.0.0.1:6379,redis.example:6379", false)]
    [InlineData("redis.example:6379,ssl=true", true)]
    [InlineData("localhost:6379,password=p", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[::1]:6379", true)]
    public void Beyond_this_machine_Redis_is_spoken_to_over_TLS_only(string connectionString, bool isRight) =>
        Assert.Equal(isRight, RedisClient.ProblemOf(connectionString) is null);

    private static string[] Arguments(string certificate, string key, TestCertificates certificates) =>
        [$"--ssl-ca={certificates.AuthorityFile}", $"--ssl-cert={certificate}", $"--ssl-key={key}"];

    private static async Task<DatabaseServerProcess> StartAsync(string certificate, string key, TestCertificates certificates)
    {
        var server = new DatabaseServerProcess { MoreArguments = Arguments(certificate, key, certificates) };
        await server.InitializeAsync();
        return server;
    }

    /// <summary>The cipher of a connection that is opened so; empty when there is none.</summary>
    private static async Task<string> CipherAsync(DatabaseServerProcess server, string options)
    {
        await using var source = DatabaseClient.CreateDataSource(server.Login with { Options = options });
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        return await CipherAsync(connection);
    }

    private static async Task<string> CipherAsync(DbConnection connection) =>
        (await connection.QuerySingleAsync<(string Name, string Value)>("SHOW SESSION STATUS LIKE 'Ssl_cipher'")).Value;

    private sealed class Parts(PlatformDatabase platform, DatabaseAdministration administration, TenantDatabases tenants) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await tenants.DisposeAsync();
            await administration.DisposeAsync();
            await platform.DisposeAsync();
        }
    }
}
