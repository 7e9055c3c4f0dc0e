using ValidonX.Platform;
using ValidonX.Platform.Secrets;
using ValidonX.Provisioner;
using ValidonX.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddPlatform(SecretName.ApiKeyPepper | SecretName.DataEncryptionKey);
builder.AddProvisioner();

var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
