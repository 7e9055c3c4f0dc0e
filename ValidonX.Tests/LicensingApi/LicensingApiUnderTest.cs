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
    public static async Task<LicensingApiUnderTest> StartAsync(LicensingPlatform platform, TimeProvider? clock, Action<WebApplicationBuilder>? configure = null)
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
        var settings = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["ConnectionStrings:platform"] = connection.ConnectionString,
            ["ConnectionStrings:redis"] = platform.Redis.ConnectionString,
            ["Secrets:ServiceDatabasePassword"] = secrets.ServiceDatabasePassword,
            ["Secrets:ApiKeyPepper"] = secrets.ApiKeyPepper,
            ["Secrets:ContextSigningKey"] = secrets.ContextSigningKey,
            ["Secrets:DataEncryptionKey"] = secrets.DataEncryptionKey,
            ["Operator:Email"] = LicensingPlatform.OperatorEmail,
            ["Operator:Password"] = LicensingPlatform.OperatorPassword,
            ["Shutdown:DrainTime"] = "00:00:00",
        };
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

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
