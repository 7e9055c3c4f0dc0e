using ValidonX.Gateway.Admission;
using ValidonX.Gateway.Clusters;
using ValidonX.Gateway.Forwarding;
using ValidonX.Gateway.Headers;
using ValidonX.Gateway.Limits;
using ValidonX.Gateway.Resolution;
using ValidonX.Gateway.Routing;
using ValidonX.Gateway.SignIn;
using ValidonX.Gateway.SingleSignOn;
using ValidonX.Gateway.Telemetry;
using ValidonX.Platform;
using ValidonX.Platform.Api;
using ValidonX.Platform.Rollups;
using ValidonX.Platform.Secrets;
using ValidonX.ServiceDefaults;
using ValidonX.ServiceDefaults.Startup;

namespace ValidonX.Gateway;

/// <summary>The one door of the platform: finds the tenant, limits, routes.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => ServiceProcess.RunAsync(() => Build(args));

    /// <summary>Puts the gateway together.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">What a test replaces.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults();
        builder.AddPlatform(SecretName.ApiKeyPepper | SecretName.ContextSigningKey);
        OwnTraces.Register(builder);
        builder.AddHeaderPolicies();
        builder.AddResolution();
        builder.AddSingleSignOn();
        builder.AddLimits();
        builder.AddSignIn();
        builder.AddAdmission();
        builder.AddClusters();
        builder.AddForwarding();
        builder.AddRollups();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.ValidateConfiguration();
        app.UseApiErrors(app.Logger, RequestRollups.Of(app.Services));
        app.UseTrustedProxies();
        app.UseApiRoutes(api => api
            .UseMiddleware<Strangers>()
            .UseResolution()
            .UseRateLimiter()
            .UseForwarding());
        app.UseRouting();
        // YARP brings authorization along, and the framework would put it in front of everything; nothing here is decided by it.
        app.UseAuthorization();
        app.MapDefaultEndpoints(HealthEnvelope.WriteAsync, isPublic: true);
        app.MapClusters();
        return app;
    }
}
