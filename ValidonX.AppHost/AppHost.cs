using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

const string OperatorEmail = "admin@validonx.local";

var builder = DistributedApplication.CreateBuilder(args);
var environment = builder.Environment.EnvironmentName;

// How large the stack is. More of everything is a matter of configuration, for instance Stack__Gateways=3.
var licensingApiReplicas = builder.Configuration.GetValue("Stack:LicensingApiReplicas", 2);
var provisionerReplicas = builder.Configuration.GetValue("Stack:ProvisionerReplicas", 1);
var gateways = builder.Configuration.GetValue("Stack:Gateways", 1);
var databaseServers = builder.Configuration.GetValue("Stack:DatabaseServers", 1);
var withDemo = builder.Environment.IsDevelopment() && builder.Configuration.GetValue("Stack:Demo", true);

// In development secrets are generated once and kept with the data; anywhere else somebody has to give them.
var mysqlPassword = Secret("mysql-password", length: 32);
var serviceDatabasePassword = Secret("service-database-password", length: 32);
var gatewayDatabasePassword = Secret("gateway-database-password", length: 32);
var apiDatabasePassword = Secret("api-database-password", length: 32);
var redisPassword = Secret("redis-password", length: 32);
var apiKeyPepper = Secret("api-key-pepper", length: 64);
var contextSigningKey = Secret("context-signing-key", length: 64);
var dataEncryptionKey = Secret("data-encryption-key", length: 64);
var operatorPassword = builder.Environment.IsDevelopment()
    ? builder.AddParameter("operator-password", "validonx-dev-only", secret: true)
    : builder.AddParameter("operator-password", secret: true);

// Servers. The first holds the platform's own database; all of them hold tenants'.
var servers = Enumerable.Range(1, databaseServers).Select(number => MySqlServer(number == 1 ? "mysql" : $"mysql-{number}")).ToArray();
var platform = servers[0].AddDatabase("platform", "validonx_platform");
var redis = builder.AddRedis("redis", password: redisPassword).WithDataVolume().WithPersistence();

// Only the provisioner is root. The other services have accounts of their own, with what each needs; tenants' data is open to none of them by itself.
var gatewayConnection = PlatformConnection("vx_gateway", gatewayDatabasePassword);
var apiConnection = PlatformConnection("vx_api", apiDatabasePassword);

var provisioner = Service(builder.AddProject<Projects.ValidonX_Provisioner>("provisioner"))
    .WithReplicas(provisionerReplicas)
    .WithReference(platform)
    .WithReference(redis)
    .WithEnvironment("DatabaseServers__AdminUser", "root")
    .WithEnvironment("DatabaseServers__AdminPassword", mysqlPassword)
    .WithEnvironment("Secrets__ServiceDatabasePassword", serviceDatabasePassword)
    .WithEnvironment("Secrets__GatewayDatabasePassword", gatewayDatabasePassword)
    .WithEnvironment("Secrets__ApiDatabasePassword", apiDatabasePassword)
    .WithEnvironment("Secrets__ApiKeyPepper", apiKeyPepper)
    .WithEnvironment("Secrets__DataEncryptionKey", dataEncryptionKey)
    .WaitFor(platform)
    .WaitFor(redis);
for (var i = 0; i < servers.Length; i++)
    AddDatabaseServer(i, servers[i]);

var licensingApi = Service(builder.AddProject<Projects.ValidonX_LicensingApi>("licensing-api"))
    .WithReplicas(licensingApiReplicas)
    .WithEnvironment("ConnectionStrings__platform", apiConnection)
    .WithReference(redis)
    .WithEnvironment("Secrets__ServiceDatabasePassword", serviceDatabasePassword)
    .WithEnvironment("Secrets__ApiKeyPepper", apiKeyPepper)
    .WithEnvironment("Secrets__ContextSigningKey", contextSigningKey)
    .WithEnvironment("Secrets__DataEncryptionKey", dataEncryptionKey)
    .WithEnvironment("Operator__Email", OperatorEmail)
    .WithEnvironment("Operator__Password", operatorPassword)
    .WaitFor(provisioner)
    .WaitFor(redis);

// The first gateway has the address that everybody knows; further ones are for a load balancer of one's own.
var gateway = Gateway("gateway", builder.Configuration.GetValue("Stack:GatewayPort", 5080));
for (var number = 2; number <= gateways; number++)
    Gateway($"gateway-{number}", port: null);

// A developer's first start ends with something to look at: two tenants, filled through the public API.
var demoFolder = Path.GetFullPath(Path.Combine(builder.AppHostDirectory, "..", ".validonx", "demo"));
if (withDemo)
{
    builder.AddProject<Projects.ValidonX_Demo>("demo")
        .WithEnvironment("Demo__Gateway", gateway.GetEndpoint("http"))
        .WithEnvironment("Demo__OperatorEmail", OperatorEmail)
        .WithEnvironment("Demo__OperatorPassword", operatorPassword)
        .WithEnvironment("Demo__Folder", demoFolder)
        .WaitFor(gateway);
}

var app = builder.Build();
if (withDemo)
    Welcome.PrintWhenFinished(app, "demo", Path.Combine(demoFolder, "welcome.txt"));
app.Run();

IResourceBuilder<ProjectResource> Gateway(string name, int? port)
{
    var service = Service(builder.AddProject<Projects.ValidonX_Gateway>(name), port)
        .WithExternalHttpEndpoints()
        .WithEnvironment("ConnectionStrings__platform", gatewayConnection)
        .WithReference(redis)
        .WithReference(licensingApi)
        .WithEnvironment("Secrets__ApiKeyPepper", apiKeyPepper)
        .WithEnvironment("Secrets__ContextSigningKey", contextSigningKey)
        .WithEnvironment("RateLimiting__Leasing__ReplicaId", name)
        .WithEnvironment("RateLimiting__Leasing__Replicas", gateways.ToString(CultureInfo.InvariantCulture))
        .WaitFor(licensingApi);

    // Pools of licensing APIs beside our own, that a plan or a tenant can name: Stack:Clusters:{name}:{destination}={address}.
    foreach (var cluster in builder.Configuration.GetSection("Stack:Clusters").GetChildren())
    {
        foreach (var destination in cluster.GetChildren())
            service.WithEnvironment($"Gateway__Clusters__{cluster.Key}__{destination.Key}", destination.Value);
    }

    return service;
}

ReferenceExpression PlatformConnection(string account, IResourceBuilder<ParameterResource> password) => ReferenceExpression.Create(
    $"Server={servers[0].Resource.Host};Port={servers[0].Resource.Port};User ID={account};Password={password};Database={platform.Resource.DatabaseName}");

IResourceBuilder<ParameterResource> Secret(string name, int length) => builder.Environment.IsDevelopment()
    ? builder.AddParameter(name, new GenerateParameterDefault { MinLength = length, Special = false }, secret: true, persist: true)
    : builder.AddParameter(name, secret: true);

// Thousands of tenants mean tens of thousands of tables; with the servers' own cache sizes everything falls to a quarter.
// What begins with "loose" is known to MySQL only.
IResourceBuilder<MySqlServerResource> MySqlServer(string name) => builder.AddMySql(name, mysqlPassword)
    .WithDataVolume()
    .WithArgs(
        "--max-connections=500",
        "--table-open-cache=20000",
        "--table-definition-cache=20000",
        "--loose-schema-definition-cache=20000",
        "--loose-tablespace-definition-cache=20000");

IResourceBuilder<ProjectResource> Service(IResourceBuilder<ProjectResource> service, int? port = null) => service
    .WithHttpEndpoint(port: port)
    .WithHttpHealthCheck("/health")
    .WithEnvironment("DOTNET_ENVIRONMENT", environment)
    .WithEnvironment("ASPNETCORE_ENVIRONMENT", environment);

void AddDatabaseServer(int index, IResourceBuilder<MySqlServerResource> server) => provisioner
    .WaitFor(server)
    .WithEnvironment($"DatabaseServers__{index}__Name", server.Resource.Name)
    .WithEnvironment($"DatabaseServers__{index}__Host", ReferenceExpression.Create($"{server.Resource.Host}"))
    .WithEnvironment($"DatabaseServers__{index}__Port", ReferenceExpression.Create($"{server.Resource.Port}"))
    .WithEnvironment($"DatabaseServers__{index}__Region", "local")
    .WithEnvironment($"DatabaseServers__{index}__Class", "shared")
    .WithEnvironment($"DatabaseServers__{index}__Capacity", "10000");
