using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ValidonX.Platform;
using ValidonX.Platform.Secrets;
using ValidonX.Provisioner;
using ValidonX.Provisioner.Runs;

namespace ValidonX.Tests.Provisioner;

/// <summary>The provisioner as its program composes it, without the web server.</summary>
internal static class ProvisionerHost
{
    public static IHost Build(IEnumerable<KeyValuePair<string, string?>> configuration, IStageObserver? observer = null, bool log = false, Action<IServiceCollection>? also = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(configuration);
        if (log) builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.AddPlatform(
            SecretName.ApiKeyPepper | SecretName.DataEncryptionKey
            | SecretName.ServiceDatabasePassword | SecretName.GatewayDatabasePassword | SecretName.ApiDatabasePassword);
        builder.AddProvisioner();
        if (observer is not null) builder.Services.AddSingleton(observer);
        also?.Invoke(builder.Services);
        return builder.Build();
    }
}
