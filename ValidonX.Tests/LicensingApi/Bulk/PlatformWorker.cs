using System.Globalization;
using Microsoft.Extensions.Hosting;
using ValidonX.Platform.Databases;
using ValidonX.Tests.Provisioner;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Bulk;

/// <summary>A provisioner beside the licensing API's tests: here or in a process of its own.</summary>
internal static class PlatformWorker
{
    /// <summary>Its configuration.</summary>
    public static Dictionary<string, string?> Configuration(LicensingPlatform platform)
    {
        var secrets = platform.Databases.Secrets;
        return new Dictionary<string, string?>
        {
            ["ConnectionStrings:platform"] = platform.Databases.Server.ConnectionString(PlatformDatabase.Name),
            ["ConnectionStrings:redis"] = platform.Redis.ConnectionString,
            ["DatabaseServers:AdminUser"] = DatabaseServerProcess.User,
            ["DatabaseServers:AdminPassword"] = DatabaseServerProcess.Password,
            ["DatabaseServers:0:Name"] = "one",
            ["DatabaseServers:0:Host"] = "127.0.0.1",
            ["DatabaseServers:0:Port"] = platform.Databases.Server.Port.ToString(CultureInfo.InvariantCulture),
            ["DatabaseServers:0:Region"] = "local",
            ["DatabaseServers:0:Class"] = "shared",
            ["DatabaseServers:0:Capacity"] = "1000",
            ["Secrets:ServiceDatabasePassword"] = secrets.ServiceDatabasePassword,
            ["Secrets:GatewayDatabasePassword"] = secrets.GatewayDatabasePassword,
            ["Secrets:ApiDatabasePassword"] = secrets.ApiDatabasePassword,
            ["Secrets:ApiKeyPepper"] = secrets.ApiKeyPepper,
            ["Secrets:DataEncryptionKey"] = secrets.DataEncryptionKey,
            ["Provisioner:Lease"] = "00:00:02",
            ["Provisioner:Poll"] = "00:00:00.100",
            ["Provisioner:FirstPause"] = "00:00:00.020",
            ["Provisioner:LongestPause"] = "00:00:00.200",
        };
    }

    /// <summary>Starts one in this process; disposing the host ends it.</summary>
    public static async Task<IHost> StartHereAsync(LicensingPlatform platform)
    {
        var host = ProvisionerHost.Build(Configuration(platform));
        await host.StartAsync(TestContext.Current.CancellationToken);
        return host;
    }
}
