using ValidonX.Platform;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Rollups;
using ValidonX.Platform.Secrets;
using ValidonX.ServiceDefaults;
using ValidonX.ServiceDefaults.Startup;

namespace ValidonX.LicensingApi;

/// <summary>The HTTP API behind the gateway: licenses and all that belongs to them.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => ServiceProcess.RunAsync(() => Build(args));

    /// <summary>Puts the licensing API together.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">What a test replaces.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.AddPlatform(SecretName.ApiKeyPepper | SecretName.ContextSigningKey | SecretName.DataEncryptionKey | SecretName.ServiceDatabasePassword);
        builder.AddPlatformCoherence();
        builder.AddRollups();
        builder.AddLicensingApi();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseLicensingApi();
        app.MapDefaultEndpoints(HealthEnvelope.WriteAsync);
        app.MapLicensingApi();
        return app;
    }
}
