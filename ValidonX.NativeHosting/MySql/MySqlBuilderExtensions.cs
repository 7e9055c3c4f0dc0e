using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds MySQL-compatible servers and databases to the app model.</summary>
public static class MySqlBuilderExtensions
{
    private const int DefaultPort = 3306;

    /// <summary>Adds a server.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="password">The password of <c>root</c>; generated and kept when null.</param>
    /// <param name="port">The port; null for any free one.</param>
    public static IResourceBuilder<MySqlServerResource> AddMySql(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateGeneratedPassword(builder, $"{name}-password");
        var endpoint = new EndpointAnnotation(
            ProtocolType.Tcp, name: MySqlServerResource.PrimaryEndpointName, port: port, targetPort: DefaultPort);
        return builder.AddResource(new MySqlServerResource(name, secret)).WithAnnotation(endpoint);
    }

    /// <summary>Adds a database, which is created when the server does not have it yet.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="databaseName">The database's name; the resource's when null.</param>
    public static IResourceBuilder<MySqlDatabaseResource> AddDatabase(
        this IResourceBuilder<MySqlServerResource> builder, string name, string? databaseName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var database = new MySqlDatabaseResource(name, databaseName ?? name, builder.Resource);
        var added = builder.ApplicationBuilder.AddResource(database);
        builder.Resource.AddDatabase(database);
        return added;
    }

    /// <summary>Keeps the server's data from run to run.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The name of the folder; the resource's when null.</param>
    /// <param name="isReadOnly">Not possible here.</param>
    public static IResourceBuilder<MySqlServerResource> WithDataVolume(
        this IResourceBuilder<MySqlServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name, isReadOnly);
}
