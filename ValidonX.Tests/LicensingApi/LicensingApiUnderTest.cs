using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ValidonX.Coherence;
using ValidonX.Platform.Databases;

namespace ValidonX.Tests.LicensingApi;

/// <summary>A replica of the licensing API: the real program on a real server and a free port.</summary>
internal sealed class LicensingApiUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LicensingApiUnderTest(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Starts a replica and waits until it is ready and may trust its caches.</summary>
    /// <param name="platform">What it stands on.</param>
    /// <param name="clock">If need be a clock of its own.</param>
    /// <param name="configure">What the test replaces.</param>
    /// <param name="redis">If need be a way of its own to Redis.</param>
    public static async Task<LicensingApiUnderTest> StartAsync(
        LicensingPlatform platform, TimeProvider? clock = null, Action<WebApplicationBuilder>? configure = null, string? redis = null)
    {
        var settings = Settings(platform, "http://127.0.0.1:0", redis ?? platform.Redis.ConnectionString);
        var app = ValidonX.LicensingApi.Program.Build([.. settings.Select(setting => $"--{setting.Key}={setting.Value}")], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(new TestLog());
            if (clock is not null)
            {
                builder.Services.AddSingleton(clock);
            }

            configure?.Invoke(builder);
        });
        await app.StartAsync(CancellationToken.None);
        var replica = new LicensingApiUnderTest(app);
        await Until.TrueAsync(
            async () => app.Services.GetRequiredService<CoherentCaches>().View.IsValid && (await replica.Client.GetAsync("/health")).IsSuccessStatusCode,
            "the licensing API is ready");
        return replica;
    }

    /// <summary>The configuration of a replica.</summary>
    public static Dictionary<string, string?> Settings(LicensingPlatform platform, string address, string redis)
    {
        var secrets = platform.Databases.Secrets;
        var login = platform.Databases.Server.Login;
        var connection = new System.Data.Common.DbConnectionStringBuilder
        {
            ["Server"] = login.Host,
            ["Port"] = login.Port,
            ["User ID"] = DatabaseAccount.Api,
            ["Password"] = secrets.ApiDatabasePassword,
            ["Database"] = PlatformDatabase.Name,
        };
        return new Dictionary<string, string?>
        {
            ["urls"] = address,
            ["ConnectionStrings:platform"] = connection.ConnectionString,
            ["ConnectionStrings:redis"] = redis,
            ["Secrets:ServiceDatabasePassword"] = secrets.ServiceDatabasePassword,
            ["Secrets:ApiKeyPepper"] = secrets.ApiKeyPepper,
            ["Secrets:ContextSigningKey"] = secrets.ContextSigningKey,
            ["Secrets:DataEncryptionKey"] = secrets.DataEncryptionKey,
            ["Operator:Email"] = LicensingPlatform.OperatorEmail,
            ["Operator:Password"] = LicensingPlatform.OperatorPassword,
            ["Domains:NameServers:0"] = platform.Dns.Address,
            ["Shutdown:DrainTime"] = "00:00:00",
        };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
