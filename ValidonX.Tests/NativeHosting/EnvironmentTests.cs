using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.DependencyInjection;

namespace ValidonX.Tests.NativeHosting;

/// <summary>What a service is told when it starts: the same as from Aspire.</summary>
public sealed class EnvironmentTests
{
    [Fact]
    public async Task A_database_arrives_as_a_connection_string_and_in_parts()
    {
        var variables = await VariablesAsync((builder, project) =>
        {
            var mysql = builder.AddMySql("mysql", builder.AddParameter("mysql-password", "p@ss"));
            project.WithReference(mysql.AddDatabase("platform", "validonx_platform"));
        });

        var port = variables["PLATFORM_PORT"];
        Assert.Equal($"Server=localhost;Port={port};User ID=root;Password=p@ss;Database=validonx_platform", variables["ConnectionStrings__platform"]);
        Assert.Equal("localhost", variables["PLATFORM_HOST"]);
        Assert.Equal("root", variables["PLATFORM_USERNAME"]);
        Assert.Equal("p@ss", variables["PLATFORM_PASSWORD"]);
        Assert.Equal("validonx_platform", variables["PLATFORM_DATABASENAME"]);
        Assert.Equal($"mysql://root:p%40ss@localhost:{port}/validonx_platform", variables["PLATFORM_URI"]);
    }

    [Fact]
    public async Task Redis_arrives_as_a_connection_string_and_in_parts()
    {
        var variables = await VariablesAsync((builder, project) =>
            project.WithReference(builder.AddRedis("redis", password: builder.AddParameter("redis-password", "secret"))));

        Assert.Equal($"localhost:{variables["REDIS_PORT"]},password=secret", variables["ConnectionStrings__redis"]);
        Assert.Equal($"redis://:secret@localhost:{variables["REDIS_PORT"]}", variables["REDIS_URI"]);
    }

    [Fact]
    public async Task Every_replica_of_a_service_can_be_found_and_so_can_its_one_public_address()
    {
        string? publicAddress = null;
        var variables = await VariablesAsync((builder, project) =>
        {
            var other = builder.AddProject<Projects.ValidonX_LicensingApi>("licensing-api").WithHttpEndpoint().WithReplicas(3);
            project.WithReference(other).WithEnvironment(context => publicAddress = other.GetEndpoint("http").Url);
        });

        var replicas = Enumerable.Range(0, 3).Select(i => variables[$"services__licensing-api__http__{i}"]).ToArray();
        Assert.Equal(3, replicas.Distinct().Count());
        Assert.Equal(publicAddress, variables["LICENSING_API_HTTP"]);
        Assert.DoesNotContain(publicAddress, replicas);
        Assert.DoesNotContain("services__licensing-api__http__3", variables.Keys);
    }

    [Fact]
    public async Task A_service_listens_on_the_port_that_others_know()
    {
        string? address = null;
        var variables = await VariablesAsync((_, project) =>
            project.WithEnvironment(context => address = project.GetEndpoint("http").Url));

        Assert.Equal(address, variables["ASPNETCORE_URLS"]);
    }

    [Fact]
    public async Task Telemetry_goes_where_the_app_host_was_told_and_nowhere_else()
    {
        var without = await VariablesAsync((_, _) => { });
        var with = await VariablesAsync((_, _) => { }, "--OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317");

        Assert.Null(without.GetValueOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT"));
        Assert.Equal("http://localhost:4317", with["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("grpc", with["OTEL_EXPORTER_OTLP_PROTOCOL"]);
        Assert.Equal("subject", with["OTEL_SERVICE_NAME"]);
        Assert.StartsWith("service.instance.id=", with["OTEL_RESOURCE_ATTRIBUTES"], StringComparison.Ordinal);
        Assert.Equal("1000", with["OTEL_METRIC_EXPORT_INTERVAL"]);
    }

    [Fact]
    public async Task What_the_app_host_alone_should_know_is_not_inherited()
    {
        var variables = await VariablesAsync((_, _) => { });

        Assert.True(variables.TryGetValue("DOTNET_LAUNCH_PROFILE", out var profile));
        Assert.Null(profile);
    }

    // Prepares a start without starting anything.
    private static async Task<IReadOnlyDictionary<string, string?>> VariablesAsync(
        Action<IDistributedApplicationBuilder, IResourceBuilder<ProjectResource>> describe, params string[] settings)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var builder = Stack.Describe(null, settings);
        var project = builder.AddProject<Projects.ValidonX_Gateway>("subject").WithHttpEndpoint();
        describe(builder, project);
        await using var app = builder.Build();
        app.Services.GetRequiredService<EndpointAllocator>().Allocate(app.Services.GetRequiredService<DistributedApplicationModel>());
        var variables = await app.Services.GetRequiredService<ResourceSettings>().VariablesAsync(project.Resource, cancellation);
        var launcher = app.Services.GetServices<ILauncher>().Single(launcher => launcher.CanLaunch(project.Resource));
        var launch = await launcher.PrepareAsync(new LaunchRequest(project.Resource, 0, "instance", [], variables), cancellation);
        return launch.Process.Environment;
    }
}
