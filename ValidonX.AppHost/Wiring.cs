using System.Globalization;
using Microsoft.Extensions.Configuration;
using ValidonX.AppHost.Data;

namespace ValidonX.AppHost;

/// <summary>How the services are told what they need, so that <c>AppHost.cs</c> says only who needs what.</summary>
internal static class Wiring
{
    /// <summary>Adds a heading under which the dashboard shows what belongs together.</summary>
    public static IResourceBuilder<GroupResource> AddGroup(this IDistributedApplicationBuilder builder, string name, string icon) =>
        builder.AddResource(new GroupResource(name))
            .WithIconName(icon)
            .ExcludeFromManifest()
            .WithInitialState(new() { ResourceType = "Group", State = KnownResourceStates.Running, Properties = [] });

    /// <summary>Gives a service secrets under the names it knows: <c>api-key-pepper</c> arrives as <c>Secrets:ApiKeyPepper</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithSecrets(
        this IResourceBuilder<ProjectResource> service, params IEnumerable<IResourceBuilder<ParameterResource>> secrets)
    {
        foreach (var secret in secrets)
        {
            var words = secret.Resource.Name.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]);
            service.WithEnvironment($"Secrets__{string.Concat(words)}", secret);
        }

        return service;
    }

    /// <summary>Gives a service a connection string under a name.</summary>
    public static IResourceBuilder<ProjectResource> WithConnection(
        this IResourceBuilder<ProjectResource> service, string name, ReferenceExpression connection) =>
        service.WithEnvironment($"ConnectionStrings__{name}", connection);

    /// <summary>Makes a service the administrator of the database servers that hold tenants.</summary>
    public static IResourceBuilder<ProjectResource> WithDatabaseServers(
        this IResourceBuilder<ProjectResource> service, IReadOnlyList<IResourceBuilder<MySqlServerResource>> servers, IResourceBuilder<ParameterResource> rootPassword)
    {
        service.WithEnvironment("DatabaseServers__AdminUser", "root").WithEnvironment("DatabaseServers__AdminPassword", rootPassword);
        for (var i = 0; i < servers.Count; i++)
        {
            var server = servers[i];
            service
                .WithReferenceRelationship(server)
                .WaitFor(server)
                .WithEnvironment($"DatabaseServers__{i}__Name", server.Resource.Name)
                .WithEnvironment($"DatabaseServers__{i}__Host", ReferenceExpression.Create($"{server.Resource.Host}"))
                .WithEnvironment($"DatabaseServers__{i}__Port", ReferenceExpression.Create($"{server.Resource.Port}"))
                .WithEnvironment($"DatabaseServers__{i}__Region", "local")
                .WithEnvironment($"DatabaseServers__{i}__Class", "shared")
                .WithEnvironment($"DatabaseServers__{i}__Capacity", "10000");
        }

        return service;
    }

    /// <summary>Tells a service the address of each of several others under one name, so that it balances over them and judges each.</summary>
    public static IResourceBuilder<ProjectResource> WithEach(
        this IResourceBuilder<ProjectResource> service, string name, IReadOnlyList<IResourceBuilder<ProjectResource>> others)
    {
        for (var i = 0; i < others.Count; i++)
        {
            service
                .WithEnvironment(string.Create(CultureInfo.InvariantCulture, $"services__{name}__http__{i}"), others[i].GetEndpoint("http"))
                .WithReferenceRelationship(others[i])
                .WaitFor(others[i]);
        }

        return service;
    }

    /// <summary>Pools of licensing APIs beside our own, that a plan or a tenant can name: <c>Stack:Clusters:{name}:{destination}={address}</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithPools(this IResourceBuilder<ProjectResource> gateway, IConfiguration clusters)
    {
        foreach (var cluster in clusters.GetChildren())
        {
            foreach (var destination in cluster.GetChildren())
                gateway.WithEnvironment($"Gateway__Clusters__{cluster.Key}__{destination.Key}", destination.Value);
        }

        return gateway;
    }

    /// <summary>Hands settings of the stack's own configuration on to a service that reads them under the same names.</summary>
    public static IResourceBuilder<ProjectResource> WithSettings(this IResourceBuilder<ProjectResource> service, IConfigurationSection section)
    {
        foreach (var (key, value) in section.AsEnumerable().Where(setting => setting.Value is not null))
            service.WithEnvironment(key.Replace(":", "__", StringComparison.Ordinal), value);

        return service;
    }

    /// <summary>Keeps a server's data when the stack's are kept. Volumes of containers are named by the AppHost's path: a test must not get a developer's.</summary>
    public static IResourceBuilder<MySqlServerResource> KeepData(this IResourceBuilder<MySqlServerResource> server, DataFolder data) =>
        data.IsKept ? server.WithDataVolume() : server;

    /// <inheritdoc cref="KeepData(IResourceBuilder{MySqlServerResource}, DataFolder)"/>
    public static IResourceBuilder<RedisResource> KeepData(this IResourceBuilder<RedisResource> server, DataFolder data) =>
        data.IsKept ? server.WithDataVolume() : server;
}

/// <summary>A heading in the dashboard.</summary>
/// <param name="name">What it says.</param>
internal sealed class GroupResource(string name) : Resource(name);
