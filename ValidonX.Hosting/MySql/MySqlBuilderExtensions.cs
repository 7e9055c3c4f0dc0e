using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.MySql;

/// <summary>Adds MySQL-compatible servers and databases to the app model; the names and signatures are those of Aspire.Hosting.MySql.</summary>
public static class MySqlBuilderExtensions
{
    /// <summary>Adds a server that is found on this machine or obtained.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="password">The password of <c>root</c>; Aspire's default when null.</param>
    /// <param name="port">The port; null for any free one.</param>
    public static IResourceBuilder<MySqlServerResource> AddMySql(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        return builder.AddServer(new MySqlServerResource(name, secret), port, "DatabaseMultiple");
    }

    /// <summary>Adds a database, which is created when the server does not have it yet.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="databaseName">The database's name; the resource's when null.</param>
    public static IResourceBuilder<MySqlDatabaseResource> AddDatabase(
        this IResourceBuilder<MySqlServerResource> builder, [ResourceName] string name, string? databaseName = null)
    {
        var database = new MySqlDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.Databases.Add(database.DatabaseName);
        return builder.ApplicationBuilder.AddResource(database)
            .WithIconName("Database")
            .WithLoginCheck(cancellation => MySqlServerResource.LogInAsync(database, cancellation))
            .FollowsParent();
    }

    /// <summary>Keeps the server's data in a folder. Without it they end with the stack.</summary>
    /// <param name="builder">The server.</param>
    /// <param name="name">The name of the folder; the resource's when null.</param>
    /// <param name="isReadOnly">Not possible here.</param>
    public static IResourceBuilder<MySqlServerResource> WithDataVolume(
        this IResourceBuilder<MySqlServerResource> builder, string? name = null, bool isReadOnly = false) => builder.WithVolume(name, isReadOnly);
}
