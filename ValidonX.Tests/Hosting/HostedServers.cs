using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.AppHost.Data;
using ValidonX.AppHost.Running;
using ValidonX.Hosting.MySql;
using ValidonX.Hosting.Redis;

namespace ValidonX.Tests.Hosting;

/// <summary>A MySQL-compatible server with a database and a Redis, as the real Aspire runs them, on data of the test's own.</summary>
internal static class HostedServers
{
    public static IDistributedApplicationBuilder Describe(string dataFolder, params string[] settings) =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            Args =
            [
                "--environment=Development", "--DcpPublisher:RandomizePorts=true", "--DcpPublisher:WaitForResourceCleanup=true",
                "--Logging:LogLevel:Default=Warning", $"--{DataFolder.PathKey}={dataFolder}", $"--{DataFolder.KeepKey}=true", .. settings,
            ],
            AssemblyName = typeof(Projects.ValidonX_AppHost).Assembly.FullName,
            DisableDashboard = true,
        });

    /// <summary>Starts both servers and waits until they are healthy.</summary>
    public static async Task<DistributedApplication> StartAsync(string dataFolder, params string[] settings)
    {
        var builder = Describe(dataFolder, settings);
        var secrets = DataFolder.AddTo(builder).Secrets;
        builder.AddStackDefaults();
        var mysql = builder.AddMySql("mysql", builder.AddParameter("mysql-password", secrets.Default("mysql-password", 32), secret: true)).WithDataVolume();
        mysql.AddDatabase("app-data", "app_data");
        builder.AddRedis("redis", password: builder.AddParameter("redis-password", secrets.Default("redis-password", 32), secret: true)).WithDataVolume();
        var app = builder.Build();
        await app.StartAsync(TestContext.Current.CancellationToken);
        await app.WaitUntilHealthyAsync("app-data");
        await app.WaitUntilHealthyAsync("redis");
        return app;
    }

    public static Task WaitUntilHealthyAsync(this DistributedApplication app, string resource) =>
        app.ResourceNotifications.WaitForResourceHealthyAsync(resource, TestContext.Current.CancellationToken).WaitAsync(Until.StartPatience);

    public static int ProcessId(this ResourceEvent update) =>
        Convert.ToInt32(update.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value, null);

    public static int ProcessId(this DistributedApplication app, string resource)
    {
        Assert.True(app.ResourceNotifications.TryGetCurrentState(resource, out var update));
        return update.ProcessId();
    }
}
