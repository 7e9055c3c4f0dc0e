using System.Globalization;
using Microsoft.Extensions.Hosting;
using ValidonX.AppHost;
using ValidonX.AppHost.Data;
using ValidonX.AppHost.Running;

const string OperatorEmail = "admin@validonx.local";

var builder = DistributedApplication.CreateBuilder(args);
var data = DataFolder.AddTo(builder);
builder.AddStackDefaults();
var stack = StackSize.Of(builder.Configuration);
var isDevelopment = builder.Environment.IsDevelopment();
var baseDomain = stack.BaseDomain ?? (isDevelopment ? "localhost" : "");

// In development secrets are generated once and kept with the data; anywhere else somebody has to give them.
var mysqlPassword = Secret("mysql-password", "The password of the database servers' root.");
var serviceDatabasePassword = Secret("service-database-password", "The password of the account of tenants' databases.");
var gatewayDatabasePassword = Secret("gateway-database-password", "The password of the gateways' database account.");
var apiDatabasePassword = Secret("api-database-password", "The password of the licensing APIs' account on the platform database.");
var redisPassword = Secret("redis-password", "The password of Redis.");
var apiKeyPepper = Secret("api-key-pepper", "Keys the hashes of API keys: without it no key is known any more.", length: 64);
var contextSigningKey = Secret("context-signing-key", "Signs what the gateway tells the licensing APIs of a caller.", length: 64);
var dataEncryptionKey = Secret("data-encryption-key", "Seals what the databases keep of secrets: without it they cannot be read any more.", length: 64);
var operatorPassword = isDevelopment
    ? builder.AddParameter("operator-password", "validonx-dev-only", secret: true)
    : builder.AddParameter("operator-password", secret: true);
operatorPassword.WithDescription($"The password of the first operator, {OperatorEmail}.");

// What the dashboard shows together.
var serverGroup = builder.AddGroup("servers", "Server");
var serviceGroup = builder.AddGroup("services", "AppsList");

// Servers. The first holds the platform's own database; all of them hold tenants'.
var servers = Enumerable.Range(1, stack.DatabaseServers).Select(number => MySqlServer(Numbered("mysql", number))).ToArray();
var platform = servers[0].AddDatabase("platform", "validonx_platform");
var redis = builder.AddRedis("redis", password: redisPassword).WithParentRelationship(serverGroup).KeepData(data);

// Only the provisioner is root. The other services have accounts of their own, with what each needs; tenants' data is open to none of them by itself.
var gatewayAccount = Account("vx_gateway", gatewayDatabasePassword);
var apiAccount = Account("vx_api", apiDatabasePassword);

var provisioners = Enumerable.Range(1, stack.ProvisionerReplicas)
    .Select(number => Service<Projects.ValidonX_Provisioner>(Numbered("provisioner", number), "Broom")
        .WithReference(platform)
        .WithReference(redis)
        .WithDatabaseServers(servers, mysqlPassword)
        .WithSecrets(serviceDatabasePassword, gatewayDatabasePassword, apiDatabasePassword, apiKeyPepper, dataEncryptionKey)
        .WithSettings(builder.Configuration.GetSection("Mail"))
        .WithSettings(builder.Configuration.GetSection("Billing"))
        .WaitFor(platform)
        .WaitFor(redis))
    .ToArray();

var licensingApis = Enumerable.Range(1, stack.LicensingApiReplicas)
    .Select(number => Service<Projects.ValidonX_LicensingApi>($"licensing-api-{number}", "KeyMultiple")
        .WithConnection("platform", apiAccount)
        .WithReference(redis)
        .WithSecrets(serviceDatabasePassword, apiKeyPepper, contextSigningKey, dataEncryptionKey)
        .WithEnvironment("Operator__Email", OperatorEmail)
        .WithEnvironment("Operator__Password", operatorPassword)
        .WithEnvironment("Domains__BaseDomain", baseDomain)
        .WithSettings(builder.Configuration.GetSection("Domains"))
        .WithSettings(builder.Configuration.GetSection("Mail"))
        .WithSettings(builder.Configuration.GetSection("Billing"))
        .WaitFor(provisioners[0])
        .WaitFor(redis))
    .ToArray();

// The first gateway has the address that everybody knows; further ones are for a load balancer of one's own.
var gateways = Enumerable.Range(1, stack.Gateways)
    .Select(number => Service<Projects.ValidonX_Gateway>(Numbered("gateway", number), "Router", number == 1 ? stack.GatewayPort : null)
        .WithExternalHttpEndpoints()
        .WithConnection("platform", gatewayAccount)
        .WithReference(redis)
        .WithEach("licensing-api", licensingApis)
        .WithPools(builder.Configuration.GetSection("Stack:Clusters"))
        .WithSecrets(apiKeyPepper, contextSigningKey)
        .WithEnvironment("Gateway__Resolution__BaseDomain", baseDomain)
        .WithEnvironment("RateLimiting__Leasing__ReplicaId", Numbered("gateway", number))
        .WithEnvironment("RateLimiting__Leasing__Replicas", stack.Gateways.ToString(CultureInfo.InvariantCulture)))
    .ToArray();

gateways[0].WithTenantCommands(OperatorEmail, operatorPassword);

// The pages for operators and vendors know the gateway and nothing else.
IResourceBuilder<ProjectResource>? portal = null;
if (stack.Portal)
{
    portal = Service<Projects.ValidonX_Portal>("portal", "WindowApps", stack.PortalPort)
        .WithExternalHttpEndpoints()
        .WithEnvironment("Portal__Gateway__Address", gateways[0].GetEndpoint("http"))
        .WithEnvironment("Portal__BaseDomain", baseDomain)
        .WithEnvironment("Portal__KeysFolder", Path.Combine(data.Root, "portal-keys"))
        .WithReferenceRelationship(gateways[0])
        .WaitFor(gateways[0]);
    if (isDevelopment)
        portal.WithEnvironment("Portal__Hosts__0", "localhost");
    foreach (var service in licensingApis.Concat(provisioners))
        service.WithEnvironment("Mail__PublicUrl", portal.GetEndpoint("http"));
}

// A developer's first start ends with something to look at: two tenants, filled through the public API.
var withDemo = isDevelopment && stack.Demo;
if (withDemo)
{
    var demo = builder.AddProject<Projects.ValidonX_Demo>("demo")
        .WithIconName("Gift")
        .WithEnvironment("Demo__Gateway", gateways[0].GetEndpoint("http"))
        .WithEnvironment("Demo__OperatorEmail", OperatorEmail)
        .WithEnvironment("Demo__OperatorPassword", operatorPassword)
        .WithEnvironment("Demo__Folder", Path.Combine(data.Root, "demo"))
        .WaitFor(gateways[0]);
    if (portal is not null)
        demo.WithEnvironment("Demo__Portal", portal.GetEndpoint("http")).WithEnvironment("Demo__BaseDomain", baseDomain);
}

var app = builder.Build();
if (withDemo)
    Welcome.PrintWhenFinished(app, "demo", Path.Combine(data.Root, "demo", "welcome.txt"));
return await app.RunStackAsync();

string Numbered(string name, int number) => number == 1 ? name : $"{name}-{number}";

IResourceBuilder<ParameterResource> Secret(string name, string description, int length = 32) =>
    (isDevelopment ? builder.AddParameter(name, data.Secrets.Default(name, length), secret: true) : builder.AddParameter(name, secret: true))
    .WithDescription(description);

// Thousands of tenants mean tens of thousands of tables; with the servers' own cache sizes everything falls to a quarter.
// What begins with "loose" is known to MySQL only.
IResourceBuilder<MySqlServerResource> MySqlServer(string name) => builder.AddMySql(name, mysqlPassword)
    .WithParentRelationship(serverGroup)
    .KeepData(data)
    .WithArgs(
        "--max-connections=500",
        "--table-open-cache=20000",
        "--table-definition-cache=20000",
        "--loose-schema-definition-cache=20000",
        "--loose-tablespace-definition-cache=20000");

// A database account of its own for each kind of service.
ReferenceExpression Account(string user, IResourceBuilder<ParameterResource> password) => ReferenceExpression.Create(
    $"Server={servers[0].Resource.Host};Port={servers[0].Resource.Port};User ID={user};Password={password};Database={platform.Resource.DatabaseName}");

// No proxy before a service: it would cost each call as much as the gateway itself, and hide which of several is not well.
IResourceBuilder<ProjectResource> Service<T>(string name, string icon, int? port = null)
    where T : IProjectMetadata, new() => builder.AddProject<T>(name)
    .WithHttpEndpoint(port: port, isProxied: false)
    .WithHttpHealthCheck("/health")
    .WithParentRelationship(serviceGroup)
    .WithIconName(icon)
    .WithUrlForEndpoint("http", url => url.DisplayText = name)
    .WithUrlForEndpoint("http", endpoint => new() { Url = "/health", DisplayText = "health", DisplayLocation = UrlDisplayLocation.DetailsOnly })
    .WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName)
    .WithEnvironment("ASPNETCORE_ENVIRONMENT", builder.Environment.EnvironmentName);
