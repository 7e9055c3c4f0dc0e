using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.MySql;

/// <summary>Adds MySQL-compatible servers and databases to the app model; the names and signatures are those of Aspire.Hosting.MySql.</summary>
public static class MySqlBuilderExtensions
{
    /// <summary>Adds a server that is found on this machine or obtained.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="password">The password of <c>root</c>; generated and kept when null.</param>
    /// <param name="port">The port; null for any free one.</param>
    public static IResourceBuilder<MySqlServerResource> AddMySql(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var secret = password ?? builder.AddGeneratedSecret($"{name}-password");
        var start = new MySqlStart(DataFolder.Of(builder));
        return builder.AddResource(new MySqlServerResource(name, secret.Resource))
            .WithEndpoint(port: port, scheme: "tcp", name: MySqlServerResource.PrimaryEndpointName, isProxied: false)
            .WithIconName("DatabaseMultiple")
            .RunsServer((catalog, tell, cancellation) => catalog.MySqlAsync(tell, cancellation), start.PrepareAsync)
            .WithConnectionCheck(MySqlCheck.AskAsync);
    }

    /// <summary>Adds a database, which is created when the server does not have it yet.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="databaseName">The database's name; the resource's when null.</param>
    public static IResourceBuilder<MySqlDatabaseResource> AddDatabase(
        this IResourceBuilder<MySqlServerResource> builder, [ResourceName] string name, string? databaseName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var database = new MySqlDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.Add(database);
        return builder.ApplicationBuilder.AddResource(database)
            .WithIconName("Database")
            .WithConnectionCheck(MySqlCheck.AskAsync)
            .FollowsParent();
    }

    /// <summary>Names the folder of the server's data; whether it outlives the run is the data folder's matter.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The name of the folder; the resource's when null.</param>
    /// <param name="isReadOnly">Not possible here.</param>
    public static IResourceBuilder<MySqlServerResource> WithDataVolume(
        this IResourceBuilder<MySqlServerResource> builder, string? name = null, bool isReadOnly = false) => builder.WithServerData(name, isReadOnly);
}
