using System.Globalization;

namespace ValidonX.AppHost.Running;

/// <summary>Addresses of the dashboard, so that no launch profile is needed. In plain HTTP on the loopback: no certificate has to be trusted first.</summary>
internal static class DashboardDefaults
{
    private const int DashboardPort = 15080;
    private const int TelemetryPort = 19080;

    public static IDistributedApplicationBuilder AddDashboardDefaults(this IDistributedApplicationBuilder builder)
    {
        Default("ASPNETCORE_URLS", DashboardPort);
        Default("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", TelemetryPort);
        builder.Configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] ??= "true";
        // Nothing here uses a development certificate, so nobody is asked for one.
        builder.Configuration["ASPIRE_DEVELOPER_CERTIFICATE_DEFAULT_TRUST"] ??= "false";
        // Which versions of Aspire there are is a question of an upgrade, not of each start: asking it costs the SDK seconds of a core.
        builder.Configuration["ASPIRE_VERSION_CHECK_DISABLED"] ??= "true";
        return builder;

        // A second stack, on data of its own, gets a dashboard of its own.
        void Default(string key, int port) => builder.Configuration[key] ??=
            string.Create(CultureInfo.InvariantCulture, $"http://localhost:{(Ports.IsFree(port) ? port : Ports.AnyFree())}");
    }
}
