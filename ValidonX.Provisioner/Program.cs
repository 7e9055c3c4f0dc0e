using ValidonX.Platform;
using ValidonX.Platform.Secrets;
using ValidonX.Provisioner;
using ValidonX.ServiceDefaults;
using ValidonX.ServiceDefaults.Startup;

return await ServiceProcess.RunAsync(() =>
{
    var builder = WebApplication.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.AddPlatform(
        SecretName.ApiKeyPepper | SecretName.DataEncryptionKey
        | SecretName.ServiceDatabasePassword | SecretName.GatewayDatabasePassword | SecretName.ApiDatabasePassword);
    builder.AddProvisioner();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    return app;
});
