namespace Aspire.Hosting.ApplicationModel;

/// <summary>A database on a server; it exists when the server is ready.</summary>
public class MySqlDatabaseResource : Resource, IResourceWithParent<MySqlServerResource>, IResourceWithConnectionString
{
    /// <param name="name">The resource's name.</param>
    /// <param name="databaseName">The database's name.</param>
    /// <param name="parent">The server.</param>
    public MySqlDatabaseResource(string name, string databaseName, MySqlServerResource parent)
        : base(name)
    {
        ArgumentException.ThrowIfNullOrEmpty(databaseName);
        ArgumentNullException.ThrowIfNull(parent);
        DatabaseName = databaseName;
        Parent = parent;
    }

    /// <summary>The server.</summary>
    public MySqlServerResource Parent { get; }

    /// <summary>The database's name.</summary>
    public string DatabaseName { get; }

    /// <summary>The server's connection string and <c>;Database=…</c>.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Parent.ConnectionStringExpression};Database={DatabaseName}");

    /// <summary><c>mysql://root:…@host:port/database</c>.</summary>
    public ReferenceExpression UriExpression => ReferenceExpression.Create($"{Parent.UriExpression}/{DatabaseName:uri}");

    /// <summary><c>jdbc:mysql://host:port/database</c>.</summary>
    public ReferenceExpression JdbcConnectionString => ReferenceExpression.Create($"{Parent.JdbcConnectionString}/{DatabaseName:uri}");

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() =>
        Parent.Properties(this);
}
