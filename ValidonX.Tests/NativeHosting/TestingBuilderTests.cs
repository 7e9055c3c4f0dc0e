using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ValidonX.Tests.NativeHosting;

public sealed class TestingBuilderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Servers_of_the_real_app_host_start_with_data_and_ports_of_their_own()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ValidonX_AppHost>(
            ["--Stack:LicensingApiReplicas=3"], cancellation);

        Assert.Equal("Development", builder.Environment.EnvironmentName);
        Assert.True(builder.Resources.TryGetByName("licensing-api", out var licensingApi));
        Assert.Equal(3, licensingApi.GetReplicaCount());

        string folder;
        int mysqlPort;
        await using (var app = await builder.BuildAsync(cancellation))
        {
            await app.StartAsync(cancellation);
            folder = app.Services.GetRequiredService<DataFolder>().Root;
            await app.ResourceNotifications.WaitForResourceHealthyAsync("platform", cancellation).WaitAsync(Patience, cancellation);
            await app.ResourceNotifications.WaitForResourceHealthyAsync("redis", cancellation).WaitAsync(Patience, cancellation);

            mysqlPort = app.GetEndpoint("mysql", "tcp").Port;
            var platform = await app.GetConnectionStringAsync("platform", cancellation);
            Assert.StartsWith($"Server=localhost;Port={mysqlPort};User ID=root;Password=", platform, StringComparison.Ordinal);
            Assert.EndsWith(";Database=validonx_platform", platform, StringComparison.Ordinal);
            Assert.NotEqual(5080, app.GetEndpoint("gateway").Port);
            Assert.True(await IsListeningAsync(mysqlPort));
        }

        Assert.False(Directory.Exists(folder));
        Assert.False(await IsListeningAsync(mysqlPort));
    }

    [Fact]
    public async Task A_builder_that_is_never_built_leaves_nothing_behind()
    {
        var cancellation = TestContext.Current.CancellationToken;
        string folder;
        await using (var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ValidonX_AppHost>(cancellation))
            folder = ((DataFolder)builder.Services.Last(service => service.ServiceType == typeof(DataFolder)).ImplementationInstance!).Root;

        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Outside_development_every_missing_secret_is_named_at_once()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ValidonX_AppHost>(
            [], (_, settings) => settings.EnvironmentName = "Production", cancellation);
        await using var app = await builder.BuildAsync(cancellation);

        var exception = await Assert.ThrowsAsync<MissingParameterValueException>(() => app.StartAsync(cancellation));

        Assert.StartsWith("7 parameters are missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Parameters__api_key_pepper", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Parameters__operator_password", exception.Message, StringComparison.Ordinal);
    }

    private static async Task<bool> IsListeningAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
